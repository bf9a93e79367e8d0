/**
 * Time for the course's tests: written as if they slept, run as fast as events can be fired.
 *
 * A test is an async function that sleeps and calls; `settle` fires one timer after another until
 * the function is done. Nothing waits for a real clock.
 */
import type { Clock } from '../../src/ports/clock.ts';
import { drainMicrotasks } from '../../src/simulation/drain-microtasks.ts';
import type { VirtualClock } from '../../src/simulation/virtual-clock.ts';

/** What the course's tests sleep in: virtual time, or real time where they are measured. */
export interface LabTime {
  readonly clock: Clock;
  /** Milliseconds. */
  now(): number;
  sleep(forMs: number): Promise<void>;
  /** Whether the predicate came true in time, looked at every few milliseconds. */
  until(predicate: () => boolean, withinMs: number, everyMs?: number): Promise<boolean>;
  /** Lets time pass until the work is done, and gives what it gives. */
  settle<Result>(work: Promise<Result>): Promise<Result>;
}

/** The same for every kind of time. */
export async function until(
  time: Pick<LabTime, 'now' | 'sleep'>,
  predicate: () => boolean,
  { withinMs, everyMs }: { withinMs: number; everyMs: number },
): Promise<boolean> {
  const deadline = time.now() + withinMs;
  while (!predicate()) {
    if (time.now() >= deadline) return false;
    await time.sleep(Math.min(everyMs, deadline - time.now()));
  }
  return true;
}

export class VirtualTime implements LabTime {
  readonly clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.clock = clock;
  }

  now(): number {
    return this.clock.now();
  }

  /** For what is being settled; from outside, `run` lets time pass. */
  sleep(forMs: number): Promise<void> {
    return new Promise((resolve) => this.clock.setTimeout(resolve, forMs));
  }

  until(predicate: () => boolean, withinMs: number, everyMs = 10): Promise<boolean> {
    return until(this, predicate, { withinMs, everyMs });
  }

  /** Fires timers until the work is done, and gives what it gives; an error in a timer ends it. */
  async settle<Result>(work: Promise<Result>): Promise<Result> {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    work.then(done, done);
    for (await drainMicrotasks(); !isDone; await drainMicrotasks()) {
      if (this.clock.fireNext()) continue;
      throw new Error(`at ${this.now()} ms nothing is left to happen, and the work is not done`);
    }
    return work;
  }

  async run(forMs: number): Promise<void> {
    await this.settle(this.sleep(forMs));
  }
}
