/** Who can reach whom just now: partitions, single servers cut off, single directions blocked. */
import type { ServerId } from '#rules/entries';
import { type Direction, isBlocked } from './faults/block-one-way.ts';
import { areApart, type Groups } from './faults/partition.ts';

export class Connectivity {
  #groups: Groups | null = null;
  #disconnected: readonly ServerId[] = [];
  #blocked: readonly Direction[] = [];

  readonly groups = (): Groups | null => this.#groups;
  readonly blocked = (): readonly Direction[] => this.#blocked;
  readonly disconnected = (): readonly ServerId[] => this.#disconnected;

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

  heal(): void {
    this.#groups = null;
    this.#disconnected = [];
    this.#blocked = [];
  }

  /** Whether what `from` sends reaches `to`. */
  isOpen(from: ServerId, to: ServerId): boolean {
    return (
      !areApart(this.#groups, from, to) &&
      !this.#disconnected.includes(from) &&
      !this.#disconnected.includes(to) &&
      !isBlocked(this.#blocked, from, to)
    );
  }
}
