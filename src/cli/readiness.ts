/**
 * The state of the cluster as a whole: ready when every server has lately reported so, by the checks
 * of its `/readyz`, and one of them leads; otherwise what is missing, and whether writes continue.
 * Servers report over the channels of their processes, whatever certificates and tokens the clients'
 * ports require.
 */
import { realClock } from '../node/real-time.ts';
import type { Clock } from '../ports/clock.ts';
import type { ServerHealth } from './server-lifetime.ts';

export const HEALTH_CHECK_MS = 200;
/**
 * Counted in checks, not by the clock: when this process itself stood still, the others were not
 * silent, and their messages of the meantime are about to be read.
 */
const SILENT_CHECKS_MAX = 5;
/** Until then, servers that have not started yet are not reported. */
const START_CHECKS = 150;

interface ReadinessOptions {
  readonly ids: readonly string[];
  readonly onReady: (leader: string) => void;
  /** @param how - a sentence; reported again when it changes */
  readonly onNotReady: (how: string) => void;
  readonly clock?: Clock;
}

interface LastHealth extends ServerHealth {
  /** Since it was reported. */
  checks: number;
}

/** Whom it is ready with, or what is missing. */
interface Condition {
  readonly leader: string | null;
  readonly how: string;
}

export class ReadinessMonitor {
  readonly #options: ReadinessOptions;
  readonly #clock: Clock;
  readonly #health = new Map<string, LastHealth>();
  #reported: Condition | null = null;
  #checks = 0;
  #timer: unknown = null;

  constructor(options: ReadinessOptions) {
    this.#options = options;
    this.#clock = options.clock ?? realClock;
    this.#wait();
  }

  record(id: string, health: ServerHealth): void {
    this.#health.set(id, { ...health, checks: 0 });
    // Readiness is reported at once; what is missing may be there before the next check.
    if (!this.#reported?.leader && this.#condition().leader !== null) this.#check();
  }

  ended(id: string): void {
    this.#health.delete(id);
    this.#check();
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer);
  }

  #wait(): void {
    this.#timer = this.#clock.setTimeout(() => {
      this.#wait();
      this.#checks += 1;
      for (const health of this.#health.values()) health.checks += 1;
      this.#check();
    }, HEALTH_CHECK_MS);
  }

  #check(): void {
    const { leader, how } = this.#condition();
    const isEarly = this.#reported === null && this.#checks < START_CHECKS;
    const isSame = this.#reported?.leader === leader && this.#reported.how === how;
    if (isSame || (isEarly && leader === null)) return;
    this.#reported = { leader, how };
    if (leader !== null) this.#options.onReady(leader);
    else this.#options.onNotReady(how);
  }

  #condition(): Condition {
    const answering = this.#options.ids.filter((id) => this.#answers(id));
    const leaders = answering.filter((id) => this.#health.get(id)?.isLeader);
    const [leader, ...rivals] = leaders;
    const isWhole = this.#options.ids.every((id) => answering.includes(id) && this.#isReady(id));
    if (isWhole && leader !== undefined && rivals.length === 0) return { leader, how: '' };
    return { leader: null, how: this.#sentence(answering, leaders) };
  }

  #sentence(answering: readonly string[], leaders: readonly string[]): string {
    const { ids } = this.#options;
    const needed = Math.floor(ids.length / 2) + 1;
    const down = ids.filter((id) => !this.#health.has(id));
    const silent = ids.filter((id) => this.#health.has(id) && !this.#answers(id));
    const missing =
      clause(down, 'is down', 'are down') + clause(silent, 'does not answer', 'do not answer');
    if (answering.length < needed) {
      return (
        `no majority: ${missing}${answering.length} of ${ids.length} servers ` +
        `${answering.length === 1 ? 'answers' : 'answer'}, and nothing is written before ${needed} do`
      );
    }
    const leading = leaders
      .map((id) => `${id} leads term ${this.#health.get(id)?.term}`)
      .join(', ');
    const [leader, ...rivals] = leaders;
    if (leader === undefined) {
      const verb = answering.length === 1 ? 'elects itself' : 'elect one';
      return `no leader: ${missing}${listed(answering)} ${verb}, and writes wait`;
    }
    if (rivals.length > 0) return `no leader: ${missing}${leading}, and the newer one goes on`;
    if (!this.#isReady(leader)) {
      return `no leader: ${missing}${leading}, and is not ready yet, so writes wait`;
    }
    const unready = answering.filter((id) => !this.#isReady(id));
    const behind = clause(unready, 'is not ready', 'are not ready');
    return `degraded: ${missing}${behind}${leading}, writes continue`;
  }

  #isReady(id: string): boolean {
    return this.#health.get(id)?.isReady === true;
  }

  #answers(id: string): boolean {
    return (this.#health.get(id)?.checks ?? SILENT_CHECKS_MAX) < SILENT_CHECKS_MAX;
  }
}

/** `a is down; `, `b and c do not answer; `, and nothing for nobody. */
function clause(ids: readonly string[], one: string, many: string): string {
  return ids.length === 0 ? '' : `${listed(ids)} ${ids.length === 1 ? one : many}; `;
}

function listed(ids: readonly string[]): string {
  return ids.length < 2 ? ids.join('') : `${ids.slice(0, -1).join(', ')} and ${ids.at(-1)}`;
}
