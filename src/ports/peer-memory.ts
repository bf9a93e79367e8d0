/** What a server knows of the directories of its peers, and keeps over restarts. */
import type { ServerId } from '../../machines/rules/entries.ts';

/** What one peer has said of its data directory. */
export interface KnownPeer {
  readonly storageId: string;
  /** The greatest number it has claimed for its last durable write. */
  readonly writeNumber: number;
}

/** What is known of each peer, by its id. */
export type KnownPeers = Readonly<Record<ServerId, KnownPeer>>;

/** Where a server keeps what it knows of its peers, so that a replaced directory is noticed. */
export interface PeerMemory {
  /**
   * What was saved last; empty before.
   *
   * @throws StorageError when what was kept cannot be read.
   */
  load(): Promise<KnownPeers>;
  /** Calls do not overlap. */
  save(peers: KnownPeers): Promise<void>;
}
