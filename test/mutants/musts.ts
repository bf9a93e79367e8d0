/** Every rule that must hold. */
import type { MustSection } from './must.ts';
import { bounds } from './musts/bounds.ts';
import { clients, snapshots } from './musts/clients.ts';
import { durabilityMusts } from './musts/durability.ts';
import { gate, oneLeader, preVote } from './musts/elections.ts';
import { formats, identity, time } from './musts/formats.ts';
import { host } from './musts/host.ts';
import { messages, replication } from './musts/messages.ts';
import { particulars } from './musts/particulars.ts';
import { strangers } from './musts/strangers.ts';
import { lostAcknowledgements } from './musts/unreliable.ts';
import { whoMayAsk } from './musts/who-may-ask.ts';

export const sections: readonly MustSection[] = [
  gate,
  oneLeader,
  preVote,
  messages,
  replication,
  lostAcknowledgements,
  durabilityMusts,
  formats,
  identity,
  time,
  snapshots,
  clients,
  bounds,
  particulars,
  strangers,
  whoMayAsk,
  host,
];
