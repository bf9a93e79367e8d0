/**
 * Watches a cluster from outside, as its clients see it, and tells when it becomes ready: every
 * server's `/readyz` is 200, which on the leader means that it has committed in its term.
 */

import { httpGet, httpGetJson } from '../node/http-get.ts';
import type { StatusBody } from '../service/status-route.ts';

const POLL_MS = 200;
const ASK_TIMEOUT_MS = 1_000;

export interface ReadinessOptions {
  readonly addresses: readonly string[];
  readonly onReady: (leader: string) => void;
  readonly onNotReady: () => void;
}

export class Readiness {
  readonly #options: ReadinessOptions;
  #leader: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isClosed = false;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  async watch(): Promise<void> {
    const leader = await readyLeader(this.#options.addresses);
    if (this.#isClosed) return;
    this.#became(leader);
    this.#timer = setTimeout(() => void this.watch(), POLL_MS);
  }

  /** News from elsewhere: a server has died, so the next look decides anew. */
  doubt(): void {
    this.#became(null);
  }

  close(): void {
    this.#isClosed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #became(leader: string | null): void {
    if (leader === this.#leader) return;
    this.#leader = leader;
    if (leader === null) this.#options.onNotReady();
    else this.#options.onReady(leader);
  }
}

/** The leader of a cluster that is ready as a whole, or null. */
async function readyLeader(addresses: readonly string[]): Promise<string | null> {
  const answers = await Promise.all(addresses.map(ask));
  const leaders = answers.filter((status) => status?.role === 'leader');
  const isReady = answers.every((status) => status !== null) && leaders.length === 1;
  return isReady ? (leaders[0]?.id ?? null) : null;
}

/** Its status if it is ready, null otherwise. */
async function ask(address: string): Promise<StatusBody | null> {
  const [ready, status] = await Promise.all([
    httpGet(`${address}/readyz`, ASK_TIMEOUT_MS),
    httpGetJson(`${address}/v1/status`, ASK_TIMEOUT_MS),
  ]);
  return ready?.status === 200 ? (status as StatusBody | null) : null;
}
