/** What the transport of real servers is made with, and what it offers beside what every one does. */
import type { Observable } from 'rxjs';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Clock } from '../ports/clock.ts';
import type { PeerMemory } from '../ports/peer-memory.ts';
import type { Random } from '../ports/random.ts';
import type { Transport, TransportNotice } from '../ports/transport.ts';
import type { PeerSecurityKind, PeerSecurityOptions } from './peer-security.ts';
import type { TransportCounters, TransportEvent } from './transport-counters.ts';
import type { TransportLimits } from './transport-limits.ts';

/** Who this server is, how peers prove who they are, and how much a transport may hold. */
export interface WebSocketTransportOptions extends PeerSecurityOptions {
  readonly id: ServerId;
  /**
   * What is known of the peers' directories. Default: in the directory of the server's storage, if it
   * has one; otherwise forgotten with the process, which a notice says.
   */
  readonly memory?: PeerMemory;
  /** Told to peers, for people. */
  readonly software?: string;
  readonly limits?: Partial<TransportLimits>;
  readonly clock?: Clock;
  readonly random?: Random;
  /** For a log; what the server is to know of comes by `notices$` as well. */
  readonly onEvent?: (event: TransportEvent) => void;
}

/** With counters beside what every transport has. */
export interface WebSocketTransport extends Transport {
  readonly security: PeerSecurityKind;
  readonly counters: TransportCounters;
  readonly notices$: Observable<TransportNotice>;
}
