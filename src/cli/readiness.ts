/**
 * How the cluster is as a whole: ready when every server has said so lately, by the checks of its
 * `/readyz`, and one of them leads; otherwise, what is missing, and whether writes go on without it.
 * Servers say it over the channels of their processes, so it works whatever certificates and tokens
 * the clients' ports want.
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
/** Until then, servers that are not there yet are no news. */
const START_LOOKS = 150;

export interface ReadinessOptions {
  readonly ids: readonly string[];
  readonly onReady: (leader: string) => void;
  /** @param how - a sentence; told again when it becomes another one */
  readonly onNotReady: (how: string) => void;
  readonly clock?: Clock;
}

interface Heard extends ServerHealth {
  /** Looks since it was. */
  looks: number;
}

type Condition =
  | { readonly type: 'ready'; readonly leader: string }
  | { readonly type: 'other'; readonly how: string };

export class Readiness {
  readonly #options: ReadinessOptions;
  readonly #clock: Clock;
  readonly #heard = new Map<string, Heard>();
  #told: Condition | null = null;
  #looks = 0;
  #timer: unknown = null;

  constructor(options: ReadinessOptions) {
    this.#options = options;
    this.#clock = options.clock ?? realClock;
    this.#wait();
  }

  note(id: string, health: ServerHealth): void {
    this.#heard.set(id, { ...health, looks: 0 });
    // That it is ready is told at once; what is missing may be there before the next look.
    if (this.#told?.type !== 'ready' && this.#condition().type === 'ready') this.#look();
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
      this.#looks += 1;
      for (const heard of this.#heard.values()) heard.looks += 1;
      this.#look();
    }, LOOK_MS);
  }

  #look(): void {
    const condition = this.#condition();
    const isEarly = this.#told === null && this.#looks < START_LOOKS;
    if (isSame(condition, this.#told) || (isEarly && condition.type !== 'ready')) return;
    this.#told = condition;
    if (condition.type === 'ready') this.#options.onReady(condition.leader);
    else this.#options.onNotReady(condition.how);
  }

  #condition(): Condition {
    const answering = this.#options.ids.filter((id) => this.#answers(id));
    const leaders = answering.filter((id) => this.#heard.get(id)?.isLeader);
    const [leader, ...rivals] = leaders;
    const isWhole = this.#options.ids.every((id) => answering.includes(id) && this.#isReady(id));
    if (isWhole && leader !== undefined && rivals.length === 0) return { type: 'ready', leader };
    return { type: 'other', how: this.#sentence(answering, leaders) };
  }

  #sentence(answering: readonly string[], leaders: readonly string[]): string {
    const { ids } = this.#options;
    const needed = Math.floor(ids.length / 2) + 1;
    const down = ids.filter((id) => !this.#heard.has(id));
    const silent = ids.filter((id) => this.#heard.has(id) && !this.#answers(id));
    const missing = clauses(
      [down, 'is down', 'are down'],
      [silent, 'does not answer', 'do not answer'],
    );
    if (answering.length < needed) {
      return (
        `no majority: ${missing}${answering.length} of ${ids.length} servers ` +
        `${answering.length === 1 ? 'answers' : 'answer'}, and nothing is written before ${needed} do`
      );
    }
    const leading = leaders.map((id) => `${id} leads term ${this.#heard.get(id)?.term}`).join(', ');
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
    const behind = clauses([unready, 'is not ready', 'are not ready']);
    return `degraded: ${missing}${behind}${leading}, writes continue`;
  }

  #isReady(id: string): boolean {
    return this.#heard.get(id)?.isReady === true;
  }

  #answers(id: string): boolean {
    return (this.#heard.get(id)?.looks ?? SILENT_LOOKS_MAX) < SILENT_LOOKS_MAX;
  }
}

function isSame(one: Condition, other: Condition | null): boolean {
  if (one.type === 'ready') return other?.type === 'ready' && other.leader === one.leader;
  return other?.type === 'other' && other.how === one.how;
}

/** `a is down; b and c do not answer; `: what is true of nobody is left out. */
function clauses(
  ...facts: readonly (readonly [ids: readonly string[], one: string, many: string])[]
): string {
  return facts
    .filter(([ids]) => ids.length > 0)
    .map(([ids, one, many]) => `${listed(ids)} ${ids.length === 1 ? one : many}; `)
    .join('');
}

function listed(ids: readonly string[]): string {
  return ids.length < 2 ? ids.join('') : `${ids.slice(0, -1).join(', ')} and ${ids.at(-1)}`;
}
