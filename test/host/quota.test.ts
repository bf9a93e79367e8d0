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
  const takes = (bytes: number, sequence = 1) =>
    made.refusal(bytes, { session: 1, sequence, firstUnanswered: 1 }) === null;
  /** How many bytes more it takes. */
  const room = () => {
    let bytes = 0;
    while (takes(held.stored + bytes + 1)) bytes += 1;
    return bytes;
  };
  return { quota: made, held, takes, room };
}

const UNDER_WAY = new Promise<never>(() => undefined);
const applied: Outcome<null> = { outcome: 'applied', result: null, index: 1, term: 1 };

test('it may be filled to its last byte', () => {
  const { takes, held } = quota();
  expect([takes(MAX_BYTES), takes(MAX_BYTES + 1)]).toEqual([true, false]);
  held.answered = 1;
  expect(takes(MAX_BYTES + 1), 'a repeat only reads its answer').toBe(true);
  expect(takes(MAX_BYTES + 1, 2)).toBe(false);
});

test('what is under way counts once, be it asked for here, in the log, or both', () => {
  const { quota: of, held, room } = quota();
  void of.during(30, UNDER_WAY);
  expect(room()).toBe(70);
  held.unapplied = 20;
  expect(room()).toBe(70);
  held.unapplied = 40;
  expect(room()).toBe(60);
});

test('a command that settles gives back what it took, however the state is by then', async () => {
  const { quota: of, held, room } = quota();
  const during = of.during(30, Promise.resolve(applied));
  held.stored = 30;
  expect(await during).toBe(applied);
  expect(room()).toBe(70);
});

test('… also one that was refused for misuse', async () => {
  const { quota: of, room } = quota();
  const during = of.during(30, Promise.reject(new TypeError('timeoutMs is wrong')));
  await expect(during).rejects.toThrow('timeoutMs is wrong');
  expect(room()).toBe(MAX_BYTES);
});

test('what deletes makes no room before it is applied, and is taken when all is full', () => {
  const { quota: of, held, room, takes } = quota();
  held.stored = 90;
  void of.during(50, UNDER_WAY);
  expect(room()).toBe(10);
  void of.during(95, UNDER_WAY);
  expect(room(), 'nor for what else is under way').toBe(5);
  held.stored = 120;
  expect([takes(119), takes(120), takes(121)]).toEqual([true, true, false]);
});
