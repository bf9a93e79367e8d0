/**
 * One run of a server's process, from its start to its crash: everything that enters it — timers,
 * messages, completed writes — comes through here.
 *
 * A stopped process (SIGSTOP) does nothing while time goes on; what would have entered waits, and
 * enters in order when it resumes, on a clock that has jumped. A dead one does nothing any more.
 */
import type { Clock } from '../ports/clock.ts';
import type { Timer, VirtualClock } from './virtual-clock.ts';

interface Armed {
  timer: Timer | null;
  callback: (() => void) | null;
}

export class ServerProcess implements Clock {
  readonly #clock: VirtualClock;
  #isAlive = true;
  #isStopped = false;
  #waiting: (() => void)[] = [];
  #rate: number;
  #rateSince = 0;
  #nowThen = 0;

  /** @param rate how fast this server's clock runs: 1.1 gains a tenth. */
  constructor(clock: VirtualClock, rate = 1) {
    this.#clock = clock;
    this.#rate = rate;
  }

  get isAlive(): boolean {
    return this.#isAlive;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  now(): number {
    return this.#nowThen + (this.#clock.now() - this.#rateSince) * this.#rate;
  }

  /** From now on; timers that are set already fall due as they would have. */
  setRate(rate: number): void {
    this.#nowThen = this.now();
    this.#rateSince = this.#clock.now();
    this.#rate = rate;
  }

  setTimeout(callback: (...args: never[]) => void, delayMs: number): Armed {
    const armed: Armed = { timer: null, callback: callback as () => void };
    if (!this.#isAlive) return armed;
    const fire = () => {
      const { callback: due } = armed;
      armed.callback = null;
      due?.();
    };
    armed.timer = this.#clock.setTimeout(() => this.enter(fire), delayMs / this.#rate);
    return armed;
  }

  /** When a timer of that delay falls due that is set now, by the cluster's clock. */
  deadlineAfter(delayMs: number): number {
    return this.#clock.deadlineAfter(delayMs / this.#rate);
  }

  clearTimeout(armed: Armed | undefined | null): void {
    if (!armed) return;
    armed.callback = null;
    this.#clock.clearTimeout(armed.timer);
  }

  /** Lets something in: now, when the process resumes, or never. */
  enter(task: () => void): void {
    if (!this.#isAlive) return;
    if (this.#isStopped) this.#waiting.push(task);
    else task();
  }

  stop(): void {
    this.#isStopped = true;
  }

  resume(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const task of waiting) this.#clock.setTimeout(() => this.enter(task), 0);
  }

  kill(): void {
    this.#isAlive = false;
    this.#waiting = [];
  }
}
