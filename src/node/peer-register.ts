/**
 * What every peer last said of its directory. A storage id is kept before its owner is talked to;
 * write numbers, which rise all the time, are kept now and then.
 */

import type { ServerId } from '../../machines/rules/entries.ts';
import type { Hello } from '../formats/peer-frame.ts';
import type { Clock } from '../ports/clock.ts';
import type { KnownPeer, KnownPeers, PeerMemory } from './peer-memory.ts';

export class PeerRegister {
  readonly #memory: PeerMemory;
  readonly #clock: Clock;
  readonly #failed: (error: unknown) => void;
  #timer: unknown = null;
  #known: KnownPeers = {};
  #isDirty = false;
  /** Saves wait for each other. */
  #saving: Promise<void> = Promise.resolve();

  constructor(memory: PeerMemory, clock: Clock, failed: (error: unknown) => void) {
    this.#memory = memory;
    this.#clock = clock;
    this.#failed = failed;
  }

  /** @throws StorageError when what was kept cannot be read. */
  async load(): Promise<void> {
    this.#known = await this.#memory.load();
  }

  get(peer: ServerId): KnownPeer | undefined {
    return Object.hasOwn(this.#known, peer) ? this.#known[peer] : undefined;
  }

  /** Resolves when a storage id that is new here is kept. */
  async learn({ from, storageId, writeNumber }: Hello): Promise<void> {
    const isNew = this.get(from) === undefined;
    this.#set(from, { storageId, writeNumber });
    if (isNew) await this.save();
  }

  raise(peer: ServerId, writeNumber: number): void {
    const known = this.get(peer);
    if (known === undefined || known.writeNumber >= writeNumber) return;
    this.#set(peer, { ...known, writeNumber });
  }

  saveEvery(intervalMs: number): void {
    this.#timer = this.#clock.setTimeout(() => {
      void this.save();
      this.saveEvery(intervalMs);
    }, intervalMs);
  }

  close(): Promise<void> {
    this.#clock.clearTimeout(this.#timer);
    return this.save();
  }

  /** A memory that fails protects less, and stops nobody: it is reported. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(async () => {
      if (!this.#isDirty) return;
      this.#isDirty = false;
      try {
        await this.#memory.save(this.#known);
      } catch (error) {
        this.#isDirty = true;
        this.#failed(error);
      }
    });
    return this.#saving;
  }

  #set(peer: ServerId, known: KnownPeer): void {
    this.#known = { ...this.#known, [peer]: known };
    this.#isDirty = true;
  }
}
