/**
 * The course's tests on bad networks (MIT 6.824, lab 2C) on the real clock: how many agreements
 * they reach, beside what the course prints for its own solution (in the same time, on its machine).
 */
import type { Clock } from '../../src/ports/clock.ts';
import type { CourseFigures, CourseOptions } from '../lab/course-test.ts';
import { lab2 } from '../lab/lab-2.ts';
import { type LabTime, until } from '../lab/virtual-time.ts';
import { print } from './figures.ts';

const ROUNDS = 3;

/** The course's own run, as its page shows it: agreements, and calls made for them. */
const COURSE_RUN: Readonly<Record<string, { agreements: number; calls: number }>> = {
  TestFigure8Unreliable2C: { agreements: 308, calls: 10_700 },
  TestReliableChurn2C: { agreements: 1_544, calls: 8_864 },
  TestUnreliableChurn2C: { agreements: 906, calls: 4_220 },
};

interface Timer {
  clear(): void;
}

/** What takes no time is done in the next turn: a timer would take a millisecond. */
const realClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback: () => void, delayMs: number): Timer => {
    if (delayMs > 0) {
      const timer = setTimeout(callback, delayMs);
      return { clear: () => clearTimeout(timer) };
    }
    const immediate = setImmediate(callback);
    return { clear: () => clearImmediate(immediate) };
  },
  clearTimeout: (timer: Timer | undefined) => timer?.clear(),
};

const realTime: LabTime = {
  clock: realClock,
  now: () => performance.now(),
  sleep: (forMs) => new Promise((resolve) => realClock.setTimeout(() => resolve(), forMs)),
  until: (predicate, withinMs, everyMs = 10) => until(realTime, predicate, { withinMs, everyMs }),
  settle: (work) => work,
};

/** As the course's network: a reliable hop takes what the machine takes. */
const OPTIONS: CourseOptions = {
  time: realTime,
  adversity: { hopMs: { from: 0, until: 0 } },
};

export async function benchLab(): Promise<void> {
  for (const [name, course] of Object.entries(COURSE_RUN)) {
    const test = lab2.find((each) => each.name === name);
    const runs: CourseFigures[] = [];
    for (let seed = 1; seed <= ROUNDS; seed += 1) {
      const figures = await test?.run(seed, OPTIONS);
      if (figures !== undefined) runs.push(figures);
    }
    const note = (figure: number) => `the course’s: ${figure.toLocaleString('en')}`;
    const agreements = runs.map((run) => run.agreements);
    const calls = runs.map((run) => run.calls);
    print({ what: name, unit: 'agreements', values: agreements, note: note(course.agreements) });
    print({ what: '  calls', unit: '', values: calls, note: note(course.calls) });
  }
}
