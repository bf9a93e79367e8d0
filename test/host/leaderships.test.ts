/** Calls and reads over several leaderships and rounds: none is forgotten, none answered for another. */
import { describe, expect, test } from 'vitest';
import type { Proposal } from '../../machines/rules/entries.ts';
import { Calls } from '../../src/host/calls.ts';
import { Queries } from '../../src/host/queries.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';

const proposal: Proposal = { type: 'command', bytes: new Uint8Array(1) };
const OUTCOME_WAIT_MS = 300;
const lost = { outcome: 'unknown', reason: 'leadership-lost' };

/** Calls whose machine appends whatever it is asked, from where the test says. */
function calls() {
  const clock = new VirtualClock();
  const turns: (() => void)[] = [];
  const at = { index: 0, term: 0 };
  const made: Calls = new Calls({
    clock,
    defer: (callback) => turns.push(callback),
    propose: (batch, { length: count }) =>
      made.track({ type: 'proposalsAppended', batch, count, ...at }),
    outcomeWaitMs: OUTCOME_WAIT_MS,
  });
  const settled: Record<string, unknown> = {};
  const call = (name: string, index: number, term: number) => {
    Object.assign(at, { index, term });
    made.start(proposal, 10_000, (outcome) => {
      settled[name] = outcome;
    });
    for (const turn of turns.splice(0)) turn();
  };
  const settledAfter = async (ms: number) => {
    const until = clock.now() + ms;
    while (clock.fireNext(until));
    clock.advanceTo(until);
    await Promise.resolve();
    await Promise.resolve();
    return settled;
  };
  return { calls: made, call, settledAfter };
}

/** One call of term 1, whose leadership is lost, and 100 ms later one of term 3 likewise. */
async function twiceLost() {
  const made = calls();
  made.call('first', 5, 1);
  made.calls.leadershipLost();
  await made.settledAfter(100);
  made.call('second', 8, 3);
  made.calls.leadershipLost();
  return made;
}

describe('two leaderships lost in a row', () => {
  test('each of their calls waits its own time, and is unknown then', async () => {
    const { settledAfter } = await twiceLost();
    expect(await settledAfter(OUTCOME_WAIT_MS - 101)).toEqual({});
    expect(await settledAfter(1)).toEqual({ first: lost });
    expect(await settledAfter(99)).toEqual({ first: lost });
    expect(await settledAfter(1)).toEqual({ first: lost, second: lost });
  });

  test('each learns what was applied at its index, also when the other has given up', async () => {
    const { calls: all, settledAfter } = await twiceLost();
    const answer = { outcome: 'applied', result: 'x', index: 5, term: 1 } as const;
    expect(all.isAwaited(5)).toBe(true);
    all.applied({ index: 5, term: 1 }, answer, null);
    await settledAfter(OUTCOME_WAIT_MS - 100);
    expect(all.isAwaited(8)).toBe(true);
    all.applied({ index: 8, term: 4 }, { ...answer, index: 8, term: 4 }, 'b');
    expect(await settledAfter(0)).toEqual({
      first: answer,
      second: { outcome: 'refused', reason: 'overwritten', leader: 'b', retry: true },
    });
  });

  test('a snapshot over the index of one settles it, and leaves the other', async () => {
    const { calls: all, settledAfter } = await twiceLost();
    all.passedBySnapshot(6);
    expect(await settledAfter(0)).toEqual({ first: lost });
  });
});

test('a snapshot settles what it has passed, to its last entry and no further', async () => {
  const { calls: made, call, settledAfter } = calls();
  for (const index of [2, 3, 4]) call(`at ${index}`, index, 1);
  made.passedBySnapshot(3);
  expect(await settledAfter(0)).toEqual({ 'at 2': lost, 'at 3': lost });
  const result = { outcome: 'applied', result: 'x', index: 4, term: 1 } as const;
  made.applied({ index: 4, term: 1 }, result, null);
  expect(await settledAfter(0)).toMatchObject({ 'at 4': result });
});

test('nobody is waited for any more when the time of a lost leadership is up', async () => {
  const { calls: made, settledAfter } = await twiceLost();
  expect(made.isAwaited(1)).toBe(true);
  await settledAfter(OUTCOME_WAIT_MS);
  expect(made.isAwaited(100)).toBe(false);
});

describe('a batch that the machine is being asked for', () => {
  function proposing(propose: (calls: Calls, batch: number) => void) {
    const turns: (() => void)[] = [];
    const made: Calls = new Calls({
      clock: new VirtualClock(),
      defer: (callback) => turns.push(callback),
      propose: (batch) => propose(made, batch),
      outcomeWaitMs: OUTCOME_WAIT_MS,
    });
    const controller = new AbortController();
    const call = new Promise((resolve) => {
      made.start(proposal, 10_000, resolve, controller.signal);
    });
    const turn = () => turns.shift()?.();
    return { call, made, controller, turn };
  }

  test('may be appended, also when it is given up at that instant', async () => {
    const { call, controller, turn } = proposing((made, batch) => {
      controller.abort();
      made.track({ type: 'proposalsAppended', batch, count: 1, index: 2, term: 1 });
    });
    turn();
    expect(await call).toMatchObject({ outcome: 'unknown', reason: 'timed-out' });
  });

  test('is no other: what is said of an earlier one does not count', async () => {
    const { call, made, turn } = proposing((made, batch) => {
      const leader = null;
      made.refuse({
        type: 'rejectProposals',
        batch: batch - 1,
        from: 0,
        reason: 'overloaded',
        leader,
      });
      made.track({ type: 'proposalsAppended', batch: batch - 1, count: 1, index: 2, term: 1 });
      made.track({ type: 'proposalsAppended', batch, count: 1, index: 7, term: 1 });
    });
    turn();
    const result = { outcome: 'applied', result: 'x', index: 7, term: 1 } as const;
    made.applied({ index: 2, term: 1 }, { ...result, index: 2 }, null);
    made.applied({ index: 7, term: 1 }, result, null);
    expect(await call).toBe(result);
  });
});

test('a query that comes during a round waits for the next: the round says nothing of it (§8)', async () => {
  const turns: (() => void)[] = [];
  const asked: number[] = [];
  const queries = new Queries({
    clock: new VirtualClock(),
    defer: (callback) => turns.push(callback),
    ask: (read) => asked.push(read),
    whenApplied: (_, callback) => callback(),
  });
  const answered: string[] = [];
  const query = (name: string) => {
    const evaluate = () => {
      answered.push(name);
      return { outcome: 'applied', result: name, index: 1, term: 1 } as const;
    };
    void queries.linearizable(evaluate, { timeoutMs: 1_000 });
  };
  const endTurn = () => {
    for (const turn of turns.splice(0)) turn();
  };
  query('first');
  query('of the same turn');
  endTurn();
  query('during the round');
  endTurn();
  expect(asked).toEqual([1, 2]);
  queries.answer({ type: 'answerReads', reads: [1], index: 1 });
  expect(answered).toEqual(['first', 'of the same turn']);
  queries.answer({ type: 'answerReads', reads: [2], index: 1 });
  expect(answered).toHaveLength(3);
});
