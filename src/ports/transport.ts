/**
 * How a server talks to the others: a stream of received messages and a way to send.
 *
 * Anything sent may be lost, repeated, delayed and reordered; what is received is well-formed.
 */
import type { Observable } from 'rxjs';
import type { LogIndex, ServerId } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import type { PeerMemory } from './peer-memory.ts';

/** Who this server is, as every peer is told before anything else. */
export interface ServerIdentity {
  /** Of the storage: peers of other clusters refuse us. */
  readonly clusterId: string;
  readonly serverId: ServerId;
  /** Of the storage: peers know by it that a directory was replaced. */
  readonly storageId: string;
  /** The number of our last durable write: a peer that knows a greater one refuses us. */
  readonly writeNumber: () => number;
  /** Where clients reach us, e.g. `http://127.0.0.1:7101`; '' when nowhere. */
  readonly clientAddress: string;
  /** Where the storage keeps what is known of the peers' directories, if it does. */
  readonly peerMemory?: PeerMemory;
}

/** Something that a person may want to read: who was refused, say, and why. */
export interface TransportNotice {
  /** Null when nobody has proved who it is. */
  readonly peer: ServerId | null;
  /** A sentence. */
  readonly message: string;
}

/** A peer came or went. */
export type ConnectionChange =
  | { readonly peer: ServerId; readonly isConnected: true; readonly clientAddress: string }
  | { readonly peer: ServerId; readonly isConnected: false };

/** Digests of servers' states, each with exactly the entries through `index` applied. */
export interface StateDigests {
  readonly index: LogIndex;
  /** None at all asks for the receiver's. */
  readonly digests: Readonly<Record<ServerId, string>>;
}

/**
 * How a server sends to the others and hears from them; anything may be lost, repeated or
 * reordered.
 */
export interface Transport {
  /** How servers talk to each other, for people; absent when it is not known. */
  readonly security?: string;
  /** Of entries or of a snapshot, how many bytes one message carries; without bound if not set. */
  readonly payloadBytesMax?: number;
  /** Never completes with an error; every message is validated and addressed to us. */
  readonly received$: Observable<Message>;
  /** Peers that come and go, as they do. */
  readonly connections$: Observable<ConnectionChange>;
  /** About the same now and then, however often it happens; may begin when it is opened. */
  readonly notices$?: Observable<TransportNotice>;
  /** Begins to listen and to dial. @throws when it cannot listen. */
  open(introduction: ServerIdentity): Promise<void>;
  /** Never blocks and never throws: a message that cannot go out is dropped. */
  send(message: Message): void;
  /** Digests of others' states, besides the protocol; without it, states are not compared. */
  readonly digests$?: Observable<StateDigests & { readonly from: ServerId }>;
  /** As `send`. */
  sendDigests?(to: ServerId, told: StateDigests): void;
  /** Idempotent. */
  close(): Promise<void>;
}
