/** What the transport has done since it was made: for metrics, and for tests. */
import type { ServerId } from '../../machines/rules/entries.ts';

const NONE = {
  sentMessages: 0,
  sentBytes: 0,
  receivedMessages: 0,
  receivedBytes: 0,
  /** Messages that did not go out: no connection, a full queue, too long. */
  droppedMessages: 0,
  connections: 0,
};
type PeerCounters = typeof NONE;

export class TransportCounters {
  /** Frames and requests that are not valid here; each cost its sender the connection. */
  malformed = 0;
  /** Frames of a kind that only a newer server knows; dropped. */
  unknownKinds = 0;
  /** Handshakes refused here. */
  refusals = 0;
  /** Connections closed because they did not prove who they are in time, or were too many. */
  unauthenticatedConnections = 0;
  /** Of each peer that was ever counted for. */
  readonly peers: Record<ServerId, PeerCounters> = Object.create(null);

  /** The counters of one peer; made when first asked for. */
  of(peer: ServerId): PeerCounters {
    this.peers[peer] ??= { ...NONE };
    return this.peers[peer];
  }
}
