/** The protocol's delays with chance in them (§5.2: randomised, so that split votes are rare). */

import type { Timing } from '../../machines/rules/parameters.ts';
import { type ServerMachine, serverMachine } from '../../machines/server.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';

/** The machine with every randomised delay drawn anew each time its timer starts. */
export function withChance(machine: ServerMachine, timing: Timing, random: Random): ServerMachine {
  const { electionTimeoutMinMs: min, electionTimeoutMaxMs: max, lostLeaderWaitMaxMs } = timing;
  return machine.provide({
    delays: {
      electionTimeout: () => min + random.next() * (max - min),
      electionTimeoutRest: () => random.next() * (max - min),
      lostLeaderWait: () => random.next() * lostLeaderWaitMaxMs,
    },
  });
}

export const DEFAULT_MACHINE: ServerMachine = serverMachine;

/**
 * One server's share of a clock. An actor system that has failed leaves its timers running; dropping
 * the whole share silences them.
 */
export class ClockShare implements Clock {
  readonly #clock: Clock;
  readonly #active = new Set<unknown>();
  #isDropped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  now(): number {
    return this.#clock.now();
  }

  setTimeout(callback: () => void, delayMs: number): unknown {
    if (this.#isDropped) return null;
    const id = this.#clock.setTimeout(() => {
      this.#active.delete(id);
      callback();
    }, delayMs);
    this.#active.add(id);
    return id;
  }

  clearTimeout(id: unknown): void {
    if (this.#active.delete(id)) this.#clock.clearTimeout(id);
  }

  drop(): void {
    this.#isDropped = true;
    for (const id of this.#active) this.#clock.clearTimeout(id);
    this.#active.clear();
  }
}
