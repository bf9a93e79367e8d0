/** What a connection between two servers asks of the transport it belongs to. */
import type { Socket } from 'node:net';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import type { Clock } from '../ports/clock.ts';
import type { KnownPeers } from '../ports/peer-memory.ts';
import type { StateDigests } from '../ports/transport.ts';
import type { PeerConnection } from './peer-connection.ts';
import type { HandshakeEnd, ProvedPeer } from './peer-handshake.ts';
import type { Verdict } from './peer-register.ts';
import type { TransportCounters } from './transport-counters.ts';
import type { TransportLimits } from './transport-limits.ts';
import type { TransportLog } from './transport-log.ts';

export interface ConnectionOwner {
  readonly id: ServerId;
  readonly clock: Clock;
  readonly limits: TransportLimits;
  readonly counters: TransportCounters;
  readonly log: TransportLog;
  writeNumber(): number;
  /** Our end of the handshake on that socket. */
  handshakeEnd(socket: Socket): HandshakeEnd;
  /** What is known of the peers' directories just now. */
  readonly known: KnownPeers;
  /** Null: it is accepted, and what is new of it is kept when it resolves. */
  judge(peer: ProvedPeer, socket: Socket, before: KnownPeers): Promise<Verdict | null>;
  /** Whether this connection is the one that stays for its peer. */
  admit(connection: PeerConnection, peer: ProvedPeer): boolean;
  connected(connection: PeerConnection, peer: ProvedPeer): void;
  received(message: Message): void;
  digestsTold(peer: ServerId, told: StateDigests): void;
  pulsed(peer: ServerId, writeNumber: number): void;
  /** The peer wants this connection to be proved anew. */
  renewalAsked(connection: PeerConnection): void;
  closed(connection: PeerConnection): void;
}
