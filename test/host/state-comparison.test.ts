/** A round of comparing states, step by step: whose digest of which index counts, and what is said. */
import { expect, test } from 'vitest';
import { StateComparison } from '../../src/host/state-comparison.ts';
import type { StateDigests } from '../../src/ports/transport.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { clusterOf, leaderOf, logOf, serverOf } from '../rules/states.ts';

const EVERY_MS = 1_000;

/** Server a leads with two entries; its own state is at the index that is asked for when it says so. */
function comparison(...ids: string[]) {
  const clock = new VirtualClock();
  const configuration = clusterOf(...ids);
  let state = leaderOf({ log: '1 1', configuration });
  const sent: (readonly [string, StateDigests])[] = [];
  const warned: string[] = [];
  const waiting: (() => void)[] = [];
  let digest = () => 'x';
  const made = new StateComparison({
    id: 'a',
    clock,
    everyMs: EVERY_MS,
    state: () => state,
    digest: () => digest(),
    atIndex: (_, callback) => waiting.push(callback),
    send: (to, told) => sent.push([to, told]),
    warn: (sentence) => warned.push(sentence),
  });
  made.start();
  return {
    comparison: made,
    warned,
    takeSent: () => sent.splice(0),
    nextRound: () => {
      clock.fireNext();
      return sent.splice(0);
    },
    /** The first `count` of what waits for an index, also for one that is long past. */
    applied: (count = waiting.length) => {
      for (const callback of waiting.splice(0, count)) callback();
    },
    append: () => {
      state = { ...state, log: logOf('1 1 1', configuration) };
    },
    stepDown: () => {
      state = serverOf({ log: '1 1', configuration });
    },
    setDigest: (made: () => string) => {
      digest = made;
    },
  };
}

const ask = { index: 2, digests: {} };
const both = (told: StateDigests) => [
  ['b', told],
  ['c', told],
];

test('a round asks everybody, gathers, and tells all of them once', () => {
  const { comparison: of, nextRound, applied, takeSent } = comparison();
  expect(nextRound()).toEqual(both(ask));
  of.receive('c', { index: 2, digests: { c: 'x' } });
  applied();
  expect(takeSent()).toEqual([]);
  of.receive('b', { index: 2, digests: { b: 'x' } });
  const told = { index: 2, digests: { a: 'x', b: 'x', c: 'x' } };
  expect(takeSent()).toEqual(both(told));
  expect(of.last).toEqual(told);
  of.receive('b', { index: 2, digests: { b: 'late' } });
  expect([takeSent(), of.last]).toEqual([[], told]);
  expect(nextRound(), 'nothing has come since').toEqual([]);
});

test('a digest as of another index does not count: not that of a peer, not our own', () => {
  const { comparison: of, nextRound, append, applied, takeSent } = comparison();
  nextRound();
  append();
  expect(nextRound()).toEqual(both({ index: 3, digests: {} }));
  of.receive('b', { index: 2, digests: { b: 'of the round before' } });
  of.receive('c', { index: 3, digests: { c: 'x' } });
  applied();
  expect([of.last, takeSent()]).toEqual([null, []]);
  of.receive('b', { index: 3, digests: { b: 'x' } });
  expect(of.last).toEqual({ index: 3, digests: { a: 'x', b: 'x', c: 'x' } });
  expect(takeSent()).toHaveLength(2);
});

test('our own digest does not join a later round', () => {
  const { comparison: of, nextRound, append, applied } = comparison('a', 'b');
  nextRound();
  append();
  nextRound();
  of.receive('b', { index: 3, digests: { b: 'x' } });
  applied(1);
  expect(of.last).toBeNull();
  applied();
  expect(of.last).toEqual({ index: 3, digests: { a: 'x', b: 'x' } });
});

test('who has not answered by the next round is left out, and asked again', () => {
  const { comparison: of, nextRound, applied } = comparison();
  nextRound();
  applied();
  expect(nextRound(), 'one digest says nothing').toEqual(both(ask));
  applied();
  of.receive('b', { index: 2, digests: { b: 'x' } });
  const told = { index: 2, digests: { a: 'x', b: 'x' } };
  expect(nextRound()).toEqual([...both(told), ...both(ask)]);
});

test('a leader that stepped down ends its round', () => {
  const { comparison: of, nextRound, stepDown, applied } = comparison();
  nextRound();
  applied();
  stepDown();
  expect(nextRound()).toEqual([]);
  of.receive('b', { index: 2, digests: { b: 'x' } });
  of.receive('c', { index: 2, digests: { c: 'x' } });
  expect(of.last).toBeNull();
});

test('where as many have the one state as the other, nobody is outvoted', () => {
  const { comparison: of } = comparison('a', 'b', 'c', 'd');
  const told = { index: 2, digests: { a: 'x', b: 'y', c: 'x', d: 'y' } };
  of.receive('b', told);
  expect(of.divergence).toEqual({ ...told, outvoted: [] });
  of.receive('b', { index: 3, digests: { ...told.digests, b: 'x' } });
  expect(of.divergence).toMatchObject({ index: 3, outvoted: ['d'] });
});

test('a difference is said once, and again when others differ', () => {
  const { comparison: of, warned } = comparison();
  of.receive('b', { index: 2, digests: { a: 'x', b: 'y', c: 'x' } });
  of.receive('b', { index: 3, digests: { a: 'p', b: 'q', c: 'p' } });
  expect(warned).toHaveLength(1);
  of.receive('b', { index: 4, digests: { a: 'x', b: 'y', c: 'y' } });
  expect(warned).toEqual([
    expect.stringContaining('as of entry 2: a and c have x, b has y.'),
    expect.stringContaining('as of entry 4: a has x, b and c have y.'),
  ]);
});

test('a state machine that cannot say its digest is told of once', () => {
  const { comparison: of, applied, setDigest, takeSent, warned } = comparison();
  setDigest(() => {
    throw new Error('not now');
  });
  for (let round = 0; round < 3; round += 1) {
    of.receive('b', ask);
    applied();
  }
  expect(warned).toEqual(['The state of server a is not compared: not now.']);
  setDigest(() => 'x');
  of.receive('b', ask);
  applied();
  expect(takeSent()).toEqual([['b', { index: 2, digests: { a: 'x' } }]]);
});
