/**
 * What every member last said of its directory, once it had proved who it is. A storage id is kept
 * before its owner is talked to; write numbers, which rise all the time, are kept now and then.
 */

import type { ServerId } from '../../machines/rules/entries.ts';
import { SerialQueue } from '../host/serial-queue.ts';
import type { Clock } from '../ports/clock.ts';
import type { KnownPeer, KnownPeers, PeerMemory } from '../ports/peer-memory.ts';
import type { ProvedPeer } from './peer-handshake.ts';
import { volatilePeerMemory } from './peer-memory.ts';
import { every } from './watched-files.ts';

/** Why a peer that has proved who it is is refused; after `outdated` it may try again. */
export type PeerRefusal = 'outdated' | { readonly refusal: string };

export class PeerRegister {
  #memory: PeerMemory = volatilePeerMemory();
  readonly #members: ReadonlySet<ServerId>;
  readonly #clock: Clock;
  readonly #failed: (message: string) => void;
  #stopSaving = (): void => {};
  #known: KnownPeers = {};
  /** The last run of each peer that was heard of. */
  readonly #incarnations = new Map<ServerId, string>();
  #isDirty = false;
  readonly #saves = new SerialQueue();

  /** @param members - the only servers of which anything is kept, so that no other fills the memory */
  constructor(members: Iterable<ServerId>, clock: Clock, failed: (message: string) => void) {
    this.#members = new Set(members);
    this.#clock = clock;
    this.#failed = failed;
  }

  /** @throws StorageError when what was kept cannot be read. */
  async load(memory: PeerMemory): Promise<void> {
    this.#memory = memory;
    const kept = Object.entries(await memory.load());
    this.#known = Object.fromEntries(kept.filter(([peer]) => this.#members.has(peer)));
  }

  get(peer: ServerId): KnownPeer | undefined {
    return Object.hasOwn(this.#known, peer) ? this.#known[peer] : undefined;
  }

  /** All that is known by now; it stays as it is. */
  get known(): KnownPeers {
    return this.#known;
  }

  /**
   * Checks what a peer says of its directory in answer to us; null if it may connect. `before` was
   * known when we asked: that much it had told by then, so an answer that claims less is of an older
   * directory. What we have heard since may be younger than the answer
   * (docs/decisions/0021-what-a-hello-proves.md).
   */
  check(peer: ProvedPeer, before: KnownPeers): PeerRefusal | null {
    const known = this.get(peer.id);
    if (known === undefined) return null;
    if (peer.storageId !== known.storageId) return { refusal: replacedDirectory(peer, known) };
    const isSameRun = this.#incarnations.get(peer.id) === peer.incarnation;
    if (isSameRun || peer.writeNumber >= known.writeNumber) return null;
    const asked = Object.hasOwn(before, peer.id) ? before[peer.id] : undefined;
    if (asked === undefined || peer.writeNumber >= asked.writeNumber) return 'outdated';
    return { refusal: olderDirectory(peer, asked) };
  }

  /** Resolves when a storage id that is new here is kept. */
  async remember({ id, incarnation, storageId, writeNumber }: ProvedPeer): Promise<void> {
    if (!this.#members.has(id)) return;
    const known = this.get(id);
    this.#incarnations.set(id, incarnation);
    this.#set(id, { storageId, writeNumber: Math.max(writeNumber, known?.writeNumber ?? 0) });
    // One that another connection has just brought may still be on its way to the disk.
    await (known === undefined ? this.save() : this.#saves.idle());
  }

  recordWriteNumber(peer: ServerId, writeNumber: number): void {
    const known = this.get(peer);
    if (known === undefined || known.writeNumber >= writeNumber) return;
    this.#set(peer, { ...known, writeNumber });
  }

  saveEvery(intervalMs: number): void {
    this.#stopSaving = every(this.#clock, intervalMs, () => void this.save());
  }

  close(): Promise<void> {
    this.#stopSaving();
    return this.save();
  }

  /** A memory that fails protects less, and does not stop the server: it is reported. */
  save(): Promise<void> {
    return this.#saves.add(async () => {
      if (!this.#isDirty) return;
      this.#isDirty = false;
      try {
        await this.#memory.save(this.#known);
      } catch (error) {
        this.#isDirty = true;
        this.#failed(notKept(error));
      }
    });
  }

  #set(peer: ServerId, known: KnownPeer): void {
    this.#known = { ...this.#known, [peer]: known };
    this.#isDirty = true;
  }
}

function replacedDirectory({ id, storageId }: ProvedPeer, known: KnownPeer): string {
  return (
    `Server ${id} has another data directory (storage ${storageId}) than the one known here ` +
    `(${known.storageId}): its directory was replaced. A wiped server that rejoins under its ` +
    'name could vote twice: start it with its own directory, or treat it as lost.'
  );
}

function olderDirectory({ id, writeNumber }: ProvedPeer, known: KnownPeer): string {
  return (
    `The data directory of server ${id} ends with write ${writeNumber}, but it had completed ` +
    `write ${known.writeNumber}: it was restored from an older backup, and has forgotten votes or ` +
    'entries. Start it with its newest directory, or treat it as lost.'
  );
}

function notKept(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `What is known about the peers' directories could not be stored (${reason}): a replaced one may go unnoticed.`;
}
