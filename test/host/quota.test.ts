/** What is stored, what is in the log, and what is asked for just now count against a quota. */
import { expect, test } from 'vitest';
import { Quota } from '../../src/host/quota.ts';
import type { Outcome } from '../../src/ports/outcome.ts';

const MAX_BYTES = 100;

/** A command is a number of bytes that are then stored; it adds what is not stored yet. */
function quota() {
  const held = { stored: 0, unapplied: 0, answered: 0 };
  const made = new Quota({
    storedBytesMax: MAX_BYTES,
    stateMachine: {
      apply: () => undefined,
      query: () => undefined,
      snapshot: () => [],
      restore: () => undefined,
      size: {
        storedBytes: () => held.stored,
        growthOf: (bytes) => Number(bytes) - held.stored,
      },
    },
    unappliedBytes: () => held.unapplied,
    isAnswered: (_, sequence) => sequence === held.answered,
  });
  const growthOf = (bytes: number) => made.growthOf(() => bytes);
  const takes = (bytes: number, sequence = 1) =>
    made.refusal(growthOf(bytes), { session: 1, sequence, firstUnanswered: 1 }) === null;
  /** A command is under way: how it is settled. */
  const begin = (bytes: number, settled: (outcome: Outcome<null>) => void = () => {}) =>
    made.until(growthOf(bytes), settled);
  /** How many bytes more it takes. */
  const room = () => {
    let bytes = 0;
    while (takes(held.stored + bytes + 1)) bytes += 1;
    return bytes;
  };
  return { held, takes, room, begin };
}

const applied: Outcome<null> = { outcome: 'applied', result: null, index: 1, term: 1 };

test('it may be filled to its last byte', () => {
  const { takes, held } = quota();
  expect([takes(MAX_BYTES), takes(MAX_BYTES + 1)]).toEqual([true, false]);
  held.answered = 1;
  expect(takes(MAX_BYTES + 1), 'a repeat only reads its answer').toBe(true);
  expect(takes(MAX_BYTES + 1, 2)).toBe(false);
});

test('what is under way counts once, be it asked for here, in the log, or both', () => {
  const { begin, held, room } = quota();
  begin(30);
  expect(room()).toBe(70);
  held.unapplied = 20;
  expect(room()).toBe(70);
  held.unapplied = 40;
  expect(room()).toBe(60);
});

test('a command that settles gives back what it took, however the state is by then', () => {
  const { begin, held, room } = quota();
  const told: Outcome<null>[] = [];
  begin(10);
  const settle = begin(30, (outcome) => told.push(outcome));
  held.stored = 30;
  settle(applied);
  expect(told).toEqual([applied]);
  expect(room()).toBe(60);
});

test('… also one that is refused, or of which nobody knows', () => {
  const { begin, room } = quota();
  begin(30)({ outcome: 'refused', reason: 'overwritten', leader: null, retry: true });
  begin(30)({ outcome: 'unknown', reason: 'timed-out' });
  expect(room()).toBe(MAX_BYTES);
});

test('what deletes makes no room before it is applied, and is taken when all is full', () => {
  const { begin, held, room, takes } = quota();
  held.stored = 90;
  begin(50);
  expect(room()).toBe(10);
  begin(95);
  expect(room(), 'nor for what else is under way').toBe(5);
  held.stored = 120;
  expect([takes(119), takes(120), takes(121)]).toEqual([true, true, false]);
});
