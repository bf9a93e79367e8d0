/**
 * Connections between servers, as far as they can be noticed. A crash closes them, and the others
 * hear of it at once when they can be reached; a partition is silence: nobody is told anything.
 */

import type { ServerId } from '../../machines/rules/entries.ts';
import type { ConnectionChange } from '../ports/transport.ts';

/** One open transport: one run of one server. */
export interface Endpoint {
  readonly id: ServerId;
  readonly clientAddress: string;
  tell(change: ConnectionChange): void;
}

export interface ConnectionRules {
  /** Whether both can reach each other just now. */
  readonly isReachable: (a: ServerId, b: ServerId) => boolean;
  /** Whether the others hear of a crash. */
  readonly areCrashesNoticed: boolean;
}

export class Connections {
  readonly #rules: ConnectionRules;
  readonly #open = new Map<ServerId, Endpoint>();
  readonly #pairs: { readonly a: Endpoint; readonly b: Endpoint }[] = [];

  constructor(rules: ConnectionRules) {
    this.#rules = rules;
  }

  at(id: ServerId): Endpoint | undefined {
    return this.#open.get(id);
  }

  open(endpoint: Endpoint): void {
    this.#open.set(endpoint.id, endpoint);
    this.settle();
  }

  close(endpoint: Endpoint): void {
    if (this.#open.get(endpoint.id) === endpoint) this.#open.delete(endpoint.id);
    this.settle();
  }

  /** Breaks what has lost an end and makes what can be made; what is cut off has to wait. */
  settle(): void {
    for (const pair of [...this.#pairs]) {
      const { a, b } = pair;
      const isLost = this.#open.get(a.id) !== a || this.#open.get(b.id) !== b;
      if (!isLost || !this.#rules.isReachable(a.id, b.id)) continue;
      this.#pairs.splice(this.#pairs.indexOf(pair), 1);
      if (!this.#rules.areCrashesNoticed) continue;
      if (this.#open.get(a.id) === a) a.tell({ peer: b.id, isConnected: false });
      if (this.#open.get(b.id) === b) b.tell({ peer: a.id, isConnected: false });
    }
    const endpoints = [...this.#open.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
    for (const a of endpoints) for (const b of endpoints) if (a.id < b.id) this.#connect(a, b);
  }

  #connect(a: Endpoint, b: Endpoint): void {
    const isConnected = this.#pairs.some((pair) => pair.a === a && pair.b === b);
    if (isConnected || !this.#rules.isReachable(a.id, b.id)) return;
    this.#pairs.push({ a, b });
    a.tell({ peer: b.id, isConnected: true, clientAddress: b.clientAddress });
    b.tell({ peer: a.id, isConnected: true, clientAddress: a.clientAddress });
  }
}
