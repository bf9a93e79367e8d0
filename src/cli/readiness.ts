/**
 * Whether the cluster is ready as a whole: every server has said so lately, by the checks of its
 * `/readyz`, and one of them leads. They say it over the channels of their processes, so it works
 * whatever certificates and tokens the clients' ports want.
 */
import { realClock } from '../node/real-time.ts';
import type { Clock } from '../ports/clock.ts';
import type { ServerHealth } from './server-lifetime.ts';

export const LOOK_MS = 200;
/**
 * Counted in looks, not by the clock: when this process stood still itself, the others were not
 * silent, and what they said in the meantime is read in a moment.
 */
const SILENT_LOOKS_MAX = 5;

export interface ReadinessOptions {
  readonly ids: readonly string[];
  readonly onReady: (leader: string) => void;
  readonly onNotReady: () => void;
  readonly clock?: Clock;
}

interface Heard extends ServerHealth {
  /** Looks since it was. */
  looks: number;
}

export class Readiness {
  readonly #options: ReadinessOptions;
  readonly #clock: Clock;
  readonly #heard = new Map<string, Heard>();
  #leader: string | null = null;
  #timer: unknown = null;

  constructor(options: ReadinessOptions) {
    this.#options = options;
    this.#clock = options.clock ?? realClock;
    this.#wait();
  }

  note(id: string, health: ServerHealth): void {
    this.#heard.set(id, { ...health, looks: 0 });
    // That it is ready is told at once; that it is not may be over before the next look.
    if (this.#leader === null) this.#look();
  }

  /** Its process has ended. */
  lost(id: string): void {
    this.#heard.delete(id);
    this.#look();
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#wait();
      for (const heard of this.#heard.values()) heard.looks += 1;
      this.#look();
    }, LOOK_MS);
  }

  #look(): void {
    const leader = this.#readyLeader();
    if (leader === this.#leader) return;
    this.#leader = leader;
    if (leader === null) this.#options.onNotReady();
    else this.#options.onReady(leader);
  }

  /** The leader of a cluster that is ready as a whole, or null. */
  #readyLeader(): string | null {
    const { ids } = this.#options;
    const isReady = (id: string) => {
      const heard = this.#heard.get(id);
      return heard?.isReady === true && heard.looks < SILENT_LOOKS_MAX;
    };
    if (!ids.every(isReady)) return null;
    const [leader, ...others] = ids.filter((id) => this.#heard.get(id)?.isLeader);
    return leader === undefined || others.length > 0 ? null : leader;
  }
}
