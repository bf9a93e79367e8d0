/** Which servers can reach each other, and the connections between them. */
import type { ServerId } from '../../machines/rules/entries.ts';
import type { ConnectionChange } from '../ports/transport.ts';
import { areApart, type Direction, type Groups, isBlocked } from './faults.ts';

/** What is cut just now. */
export interface Cuts {
  /** Groups that hear nothing of each other; null: there are none. */
  readonly groups: Groups | null;
  readonly disconnected: readonly ServerId[];
  readonly blocked: readonly Direction[];
}

const NOTHING: Cuts = { groups: null, disconnected: [], blocked: [] };

/** Partitions, single servers cut off, single directions blocked. */
export class Connectivity {
  cuts: Cuts = NOTHING;

  partition(groups: Groups): void {
    this.cuts = { ...this.cuts, groups };
  }

  disconnect(id: ServerId): void {
    if (this.cuts.disconnected.includes(id)) return;
    this.cuts = { ...this.cuts, disconnected: [...this.cuts.disconnected, id] };
  }

  connect(id: ServerId): void {
    const disconnected = this.cuts.disconnected.filter((each) => each !== id);
    this.cuts = { ...this.cuts, disconnected };
  }

  block(from: ServerId, to: ServerId): void {
    if (isBlocked(this.cuts.blocked, from, to)) return;
    this.cuts = { ...this.cuts, blocked: [...this.cuts.blocked, [from, to]] };
  }

  unblock(from: ServerId, to: ServerId): void {
    const blocked = this.cuts.blocked.filter((each) => !isBlocked([each], from, to));
    this.cuts = { ...this.cuts, blocked };
  }

  heal(): void {
    this.cuts = NOTHING;
  }

  /** Whether what `from` sends reaches `to`. */
  readonly isOpen = (from: ServerId, to: ServerId): boolean => {
    const { groups, disconnected, blocked } = this.cuts;
    return (
      !areApart(groups, from, to) &&
      !disconnected.includes(from) &&
      !disconnected.includes(to) &&
      !isBlocked(blocked, from, to)
    );
  };
}

/** One open transport: that of one run of a server. */
export interface LinkEndpoint {
  readonly id: ServerId;
  readonly clientAddress: string;
  onConnectionChange(change: ConnectionChange): void;
}

/**
 * Connections between servers, as far as they can be noticed. A crash closes them, and the others
 * hear of it at once when they can be reached; a partition is silent: no server is notified.
 */
export class LinkConnections<Kind extends LinkEndpoint> {
  readonly #connectivity: Connectivity;
  readonly #areCrashesNoticed: boolean;
  readonly #open = new Map<ServerId, Kind>();
  readonly #pairs: { readonly a: Kind; readonly b: Kind }[] = [];

  constructor(connectivity: Connectivity, areCrashesNoticed: boolean) {
    this.#connectivity = connectivity;
    this.#areCrashesNoticed = areCrashesNoticed;
  }

  at(id: ServerId): Kind | undefined {
    return this.#open.get(id);
  }

  open(endpoint: Kind): void {
    this.#open.set(endpoint.id, endpoint);
    this.settle();
  }

  close(endpoint: Kind): void {
    if (this.#isOpen(endpoint)) this.#open.delete(endpoint.id);
    this.settle();
  }

  /** Breaks what has lost an end and makes what can be made; what is cut off has to wait. */
  settle(): void {
    for (const pair of [...this.#pairs]) {
      const { a, b } = pair;
      const isLost = !this.#isOpen(a) || !this.#isOpen(b);
      if (!isLost || !this.#areInReach(a, b)) continue;
      this.#pairs.splice(this.#pairs.indexOf(pair), 1);
      if (!this.#areCrashesNoticed) continue;
      if (this.#isOpen(a)) a.onConnectionChange({ peer: b.id, isConnected: false });
      if (this.#isOpen(b)) b.onConnectionChange({ peer: a.id, isConnected: false });
    }
    const endpoints = [...this.#open.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const a of endpoints) for (const b of endpoints) if (a.id < b.id) this.#connect(a, b);
  }

  #connect(a: Kind, b: Kind): void {
    const isConnected = this.#pairs.some((pair) => pair.a === a && pair.b === b);
    if (isConnected || !this.#areInReach(a, b)) return;
    this.#pairs.push({ a, b });
    a.onConnectionChange({ peer: b.id, isConnected: true, clientAddress: b.clientAddress });
    b.onConnectionChange({ peer: a.id, isConnected: true, clientAddress: a.clientAddress });
  }

  #isOpen(endpoint: Kind): boolean {
    return this.#open.get(endpoint.id) === endpoint;
  }

  #areInReach(a: Kind, b: Kind): boolean {
    return this.#connectivity.isOpen(a.id, b.id) && this.#connectivity.isOpen(b.id, a.id);
  }
}
