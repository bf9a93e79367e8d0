/** What the transport has done since it was made: for metrics, and for tests. */
import type { ServerId } from '../../machines/rules/entries.ts';

export interface PeerCounters {
  sentMessages: number;
  sentBytes: number;
  receivedMessages: number;
  receivedBytes: number;
  /** Messages that did not go out: no connection, a full queue, too long. */
  droppedMessages: number;
  connections: number;
}

export class TransportCounters {
  /** Frames and requests that are none of ours; each cost its sender the connection. */
  malformed = 0;
  /** Frames of a kind that only a newer server knows; dropped. */
  unknownKinds = 0;
  /** Handshakes refused here. */
  refusals = 0;
  /** Connections cut off because they did not prove who they are in time, or were too many. */
  strangers = 0;
  readonly #peers = new Map<ServerId, PeerCounters>();

  /** The counters of one peer; made at the first question. */
  of(peer: ServerId): PeerCounters {
    const known = this.#peers.get(peer);
    if (known !== undefined) return known;
    const counters: PeerCounters = {
      sentMessages: 0,
      sentBytes: 0,
      receivedMessages: 0,
      receivedBytes: 0,
      droppedMessages: 0,
      connections: 0,
    };
    this.#peers.set(peer, counters);
    return counters;
  }

  get peers(): Readonly<Record<ServerId, Readonly<PeerCounters>>> {
    return Object.fromEntries(this.#peers);
  }
}

/** Something a person may want to read in the log. */
export interface TransportEvent {
  readonly type:
    | 'connected'
    | 'lost'
    | 'refused'
    | 'refusedByPeer'
    | 'malformed'
    | 'stranger'
    | 'unreachable'
    | 'security'
    | 'memoryFailed'
    | 'forgetful';
  /** Null when nobody has proved who it is. */
  readonly peer: ServerId | null;
  /** Events about the same are told once a minute, whatever their text; null: always. */
  readonly about: string | null;
  /** A sentence. */
  readonly message: string;
}
