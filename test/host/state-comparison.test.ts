/** A round of comparing states, step by step: whose digest of which index counts, and what is said. */
import { describe, expect, it, test } from 'vitest';
import { decodePeerFrame, encodeDigests } from '../../src/formats/peer-frame.ts';
import { StateComparison } from '../../src/host/state-comparison.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { StateDigests } from '../../src/ports/transport.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { clusterOf, leaderOf, logOf, serverOf } from '../rules/states.ts';

const EVERY_MS = 1_000;

/** Server a leads with two entries; its own state is at the index that is asked for when it says so. */
function comparison(...ids: string[]) {
  const virtual = new VirtualClock();
  /** What digests have taken, beside the time until timers. */
  let busyMs = 0;
  const clock: Clock = {
    now: () => virtual.now() + busyMs,
    setTimeout: (callback, delayMs) => virtual.setTimeout(callback, delayMs),
    clearTimeout: (id) => virtual.clearTimeout(id),
  };
  const configuration = clusterOf(...ids);
  let state = leaderOf({ log: '1 1', configuration });
  const sent: (readonly [string, StateDigests])[] = [];
  const warned: string[] = [];
  const waiting: (() => void)[] = [];
  let digest = () => 'x';
  let digests = 0;
  const made = new StateComparison({
    id: 'a',
    clock,
    everyMs: EVERY_MS,
    state: () => state,
    digest: () => {
      digests += 1;
      return digest();
    },
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
      virtual.fireNext();
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
    leadAgain: () => {
      state = leaderOf({ log: '1 1', configuration });
    },
    follow: (leaderId: string, members = ids) => {
      state = serverOf({ log: '1 1', configuration: clusterOf(...members), heardLeader: leaderId });
    },
    setDigest: (made: () => string) => {
      digest = made;
    },
    /** Each digest takes that long from now on. */
    setDigestMs: (tookMs: number) => {
      digest = () => {
        busyMs += tookMs;
        return 'x';
      };
    },
    digests: () => digests,
    waiting: () => waiting.length,
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
  const { comparison: of, nextRound, stepDown, leadAgain, applied } = comparison();
  nextRound();
  applied();
  stepDown();
  expect(nextRound()).toEqual([]);
  leadAgain();
  of.receive('b', { index: 2, digests: { b: 'x' } });
  of.receive('c', { index: 2, digests: { c: 'x' } });
  expect(of.last).toBeNull();
});

test('where as many have the one state as the other, nobody is outvoted', () => {
  const { comparison: of, follow } = comparison('a', 'b', 'c', 'd');
  follow('b');
  const told = { index: 2, digests: { a: 'x', b: 'y', c: 'x', d: 'y' } };
  of.receive('b', told);
  expect(of.divergence).toEqual({ ...told, outvoted: [] });
  of.receive('b', { index: 3, digests: { ...told.digests, b: 'x' } });
  expect(of.divergence).toMatchObject({ index: 3, outvoted: ['d'] });
});

test('a difference is said once, and again when others differ', () => {
  const { comparison: of, follow, warned } = comparison();
  follow('b');
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
  const { comparison: of, applied, follow, nextRound, setDigest, takeSent, warned } = comparison();
  follow('b');
  setDigest(() => {
    throw new Error('not now');
  });
  for (let round = 0; round < 3; round += 1) {
    of.receive('b', ask);
    applied();
    nextRound();
  }
  expect(warned).toEqual(['The state of server a is not compared: not now.']);
  setDigest(() => 'x');
  of.receive('b', ask);
  applied();
  expect(takeSent()).toEqual([['b', { index: 2, digests: { a: 'x' } }]]);
});

describe('nobody speaks for others', () => {
  it('a leader counts from each member one digest, of itself', () => {
    const { comparison: of, nextRound, applied, takeSent } = comparison();
    nextRound();
    applied();
    of.receive('b', { index: 2, digests: { b: 'x', c: 'forged' } });
    of.receive('b', { index: 2, digests: { b: 'once more' } });
    of.receive('c', { index: 2, digests: { b: 'forged' } });
    of.receive('d', { index: 2, digests: { d: 'no member' } });
    expect([takeSent(), of.last]).toEqual([[], null]);
    of.receive('c', { index: 2, digests: { c: 'x' } });
    expect(of.last).toEqual({ index: 2, digests: { a: 'x', b: 'x', c: 'x' } });
  });

  it('a follower hears from its leader alone what came of it', () => {
    const { comparison: of, follow, stepDown } = comparison();
    const told = { index: 2, digests: { a: 'x', b: 'y', c: 'x' } };
    of.receive('b', told);
    stepDown();
    of.receive('b', told);
    follow('c');
    of.receive('b', told);
    expect([of.last, of.divergence]).toEqual([null, null]);
    of.receive('c', told);
    expect(of.last).toEqual(told);
  });

  it('a follower hears nothing of strangers, and nothing that is older than what it knows', () => {
    const { comparison: of, follow } = comparison();
    follow('b');
    const { last } = of;
    of.receive('b', { index: 3, digests: { b: 'x', d: 'y', e: 'z' } });
    expect(of.last).toBe(last);
    of.receive('b', { index: 3, digests: { a: 'x', b: 'x', d: 'y' } });
    const known = { index: 3, digests: { a: 'x', b: 'x' } };
    expect([of.last, of.divergence]).toEqual([known, null]);
    of.receive('b', { index: 2, digests: { a: 'x', b: 'x', c: 'y' } });
    expect([of.last, of.divergence]).toEqual([known, null]);
    of.receive('b', { index: 3, digests: { a: 'x', b: 'x', c: 'x' } });
    expect(of.last, 'and once more, of the same entry').toMatchObject({ digests: { c: 'x' } });
  });

  it('what a leader tells can be read, however many members there are', () => {
    const ids = Array.from({ length: 70 }, (_, at) => `s${at}`);
    const { comparison: of, nextRound, applied, takeSent } = comparison('a', ...ids);
    nextRound();
    applied();
    for (const id of ids) of.receive(id, { index: 2, digests: { [id]: 'x' } });
    const sent = takeSent();
    expect(sent.length).toBeGreaterThan(0);
    for (const [, told] of sent) {
      expect(() => decodePeerFrame(encodeDigests(told))).not.toThrow();
    }
    expect(Object.keys(of.last?.digests ?? {})).toContain('a');
  });
});

describe('a question', () => {
  it('is answered to the leader alone', () => {
    const { comparison: of, applied, follow, takeSent, digests } = comparison();
    follow('b');
    of.receive('c', ask);
    applied();
    expect([takeSent(), digests()]).toEqual([[], 0]);
    of.receive('b', ask);
    applied();
    expect(takeSent()).toEqual([['b', { index: 2, digests: { a: 'x' } }]]);
  });

  it('is not answered by a leader: its own digest keeps its place', () => {
    const { comparison: of, nextRound, waiting } = comparison();
    nextRound();
    of.receive('b', { index: 9, digests: {} });
    expect(waiting()).toBe(1);
  });

  it('costs one digest in half the interval, however many there are', () => {
    const { comparison: of, applied, follow, nextRound, digests } = comparison();
    follow('b');
    for (const expected of [1, 2]) {
      for (let asked = 0; asked < 100; asked += 1) {
        of.receive('b', ask);
        applied();
      }
      expect(digests()).toBe(expected);
      nextRound();
    }
  });
});

describe('a digest that takes long', () => {
  it('leaves two hundred times as much to all else, on the leader', () => {
    const { nextRound, applied, append, setDigestMs } = comparison();
    setDigestMs(10);
    nextRound();
    applied();
    append();
    expect(nextRound(), 'after a second').toEqual([]);
    expect(nextRound(), 'after two').toHaveLength(2);
  });

  it('… and on the others', () => {
    const { comparison: of, nextRound, applied, follow, setDigestMs, digests } = comparison();
    follow('b');
    setDigestMs(10);
    const rounds = Array.from({ length: 5 }, () => {
      of.receive('b', ask);
      applied();
      nextRound();
      return digests();
    });
    expect(rounds).toEqual([1, 1, 2, 2, 3]);
  });

  const inTurns = (...tookMs: number[]) => {
    const made = comparison();
    made.follow('b');
    for (const took of tookMs) {
      made.setDigestMs(took);
      const before = made.digests();
      // No rest after one of 60 ms is longer than 12 s.
      for (let round = 0; round < 13 && made.digests() === before; round += 1) {
        made.nextRound();
        made.comparison.receive('b', ask);
        made.applied();
      }
    }
    return made;
  };

  it('twice in a row is the last one, and is told of once', () => {
    const { warned, digests } = inTurns(51, 60, 0, 0);
    expect(digests()).toBe(2);
    expect(warned).toEqual([expect.stringContaining('digest took 51 ms and then 60 ms')]);
    expect(warned[0]).toMatch(
      /^The state of server a is no longer compared .* compareStatesEveryMs/,
    );
  });

  it('once is a pause of the machine', () => {
    const { warned, digests } = inTurns(60, 50, 60, 0, 60);
    expect([warned, digests()]).toEqual([[], 5]);
  });
});

describe('states that differ', () => {
  const five = ['a', 'b', 'c', 'd', 'e'];
  const differ = { index: 2, digests: { a: 'x', b: 'x', c: 'x', d: 'x', e: 'y' } };

  it('are told of until those of a majority are equal, and no other', () => {
    const { comparison: of, follow, warned } = comparison(...five);
    follow('b');
    of.receive('b', differ);
    of.receive('b', { index: 3, digests: { a: 'x', b: 'x' } });
    expect(of.divergence).toMatchObject(differ);
    of.receive('b', { index: 4, digests: { a: 'x', b: 'x', c: 'x', e: 'y' } });
    expect(of.divergence).toMatchObject({ index: 4, outvoted: ['e'] });
    of.receive('b', { index: 5, digests: { a: 'x', b: 'x', c: 'x' } });
    expect(of.divergence).toBeNull();
    expect(warned.at(-1)).toContain('equal again, as of entry 5: those of a and b and c');
  });

  it('end when who was outvoted has been removed', () => {
    const { comparison: of, follow } = comparison();
    follow('b');
    of.receive('b', { index: 2, digests: { a: 'x', b: 'x', c: 'y' } });
    expect(of.divergence).toMatchObject({ outvoted: ['c'] });
    follow('b', ['a', 'b']);
    of.receive('b', { index: 3, digests: { a: 'x', b: 'x', c: 'y' } });
    expect(of.divergence).toBeNull();
  });

  it('end for who has missed it, with what the leader tells next', () => {
    const { comparison: of, follow } = comparison();
    follow('b');
    of.receive('b', { index: 2, digests: { a: 'x', b: 'x', c: 'y' } });
    follow('c');
    of.receive('c', { index: 4, digests: { a: 'x', b: 'x' } });
    expect(of.divergence).toBeNull();
  });
});
