/** Who can reach whom just now: partitions, single servers cut off, single directions blocked. */
import type { ServerId } from '../../machines/rules/entries.ts';
import { type Direction, isBlocked } from './faults/block-one-way.ts';
import { areApart, type Groups } from './faults/partition.ts';

/** What is cut just now. */
export interface Cuts {
  /** Groups that hear nothing of each other; null: there are none. */
  readonly groups: Groups | null;
  readonly disconnected: readonly ServerId[];
  readonly blocked: readonly Direction[];
}

export class Connectivity {
  #groups: Groups | null = null;
  #disconnected: readonly ServerId[] = [];
  #blocked: readonly Direction[] = [];

  get cuts(): Cuts {
    return { groups: this.#groups, disconnected: this.#disconnected, blocked: this.#blocked };
  }

  partition(groups: Groups): void {
    this.#groups = groups;
  }

  disconnect(id: ServerId): void {
    if (!this.#disconnected.includes(id)) this.#disconnected = [...this.#disconnected, id];
  }

  connect(id: ServerId): void {
    this.#disconnected = this.#disconnected.filter((each) => each !== id);
  }

  block(from: ServerId, to: ServerId): void {
    if (!isBlocked(this.#blocked, from, to)) this.#blocked = [...this.#blocked, [from, to]];
  }

  unblock(from: ServerId, to: ServerId): void {
    this.#blocked = this.#blocked.filter((each) => !isBlocked([each], from, to));
  }

  heal(): void {
    this.#groups = null;
    this.#disconnected = [];
    this.#blocked = [];
  }

  /** Whether what `from` sends reaches `to`. */
  readonly isOpen = (from: ServerId, to: ServerId): boolean =>
    !areApart(this.#groups, from, to) &&
    !this.#disconnected.includes(from) &&
    !this.#disconnected.includes(to) &&
    !isBlocked(this.#blocked, from, to);
}
