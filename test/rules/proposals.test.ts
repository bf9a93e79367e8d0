/** Clients' commands at the leader (Figure 2, Leaders; §8; thesis §6.3). */
import { describe, expect, test } from 'vitest';
import type { Proposal } from '../../machines/rules/entries.ts';
import { extendLog, refuseProposals } from '../../machines/rules/proposals.ts';
import { leadershipOf, type ServerState } from '../../machines/rules/state.ts';
import { recordWrites } from '../../machines/rules/writes.ts';
import { BYTES_OF_ENTRY, leaderOf, only, serverOf } from './states.ts';

const command: Proposal = { type: 'command', bytes: new Uint8Array(2) };
const propose = (state: ServerState, count = 1, now = 0) =>
  extendLog(state, { batch: 3, now, proposals: Array.from({ length: count }, () => command) });

describe('a batch', () => {
  test('is one write, however many commands it holds, and each replication actor hears of it once', () => {
    const decision = propose(leaderOf({ log: '1 2' }), 3);
    expect(decision.effects.map(({ type }) => type)).toEqual(['proposalsAppended', 'persist']);
    expect(only(decision, 'proposalsAppended')).toEqual([
      { type: 'proposalsAppended', batch: 3, count: 3, index: 3, term: 2 },
    ]);
    const [write] = only(decision, 'persist');
    expect(write?.entries.map(({ index, term, type }) => ({ index, term, type }))).toEqual(
      [3, 4, 5].map((index) => ({ index, term: 2, type: 'command' })),
    );
    expect(decision.outgoing).toEqual(
      ['b', 'c'].map((follower) => ({
        follower,
        event: { type: 'log.extended', lastLogIndex: 5 },
      })),
    );
    expect(decision.state.log.lastIndex).toBe(5);
  });

  test('keeps the envelope of its session', () => {
    const proposal = { ...command, session: 4, sequence: 2, firstUnanswered: 1 };
    const { state } = extendLog(leaderOf({ log: '1' }), {
      batch: 1,
      now: 0,
      proposals: [proposal],
    });
    expect(state.log.entryAt(2)).toMatchObject({ session: 4, sequence: 2, firstUnanswered: 1 });
  });

  test('at any other server is refused before it is appended, with whom we hear from', () => {
    const follower = serverOf({ heardLeader: 'c' });
    expect(refuseProposals(follower, { batch: 3, now: 0, proposals: [command] })).toEqual({
      state: follower,
      effects: [{ type: 'rejectProposals', batch: 3, from: 0, reason: 'not-leader', leader: 'c' }],
      outgoing: [],
    });
  });
});

describe('bounds', () => {
  const room = (entries: number) => ({ uncommittedBytesMax: entries * BYTES_OF_ENTRY });

  test.each([
    ['all fit', {}, room(3), 3, 3],
    ['the batch is cut where the uncommitted bound is passed', {}, room(2), 3, 2],
    ['what is uncommitted already counts', { log: '1 1 1', commitIndex: 2 }, room(2), 3, 1],
    ['what is committed does not', { log: '1 1 1', commitIndex: 3 }, room(2), 3, 2],
    ['nothing fits', { log: '1 1', commitIndex: 0 }, room(2), 1, 0],
    [
      'too much is unapplied',
      { log: '1 1 1', commitIndex: 3, lastApplied: 0 },
      { unappliedBytesMax: 149 },
      1,
      0,
    ],
    [
      'enough of it is applied',
      { log: '1 1 1', commitIndex: 3, lastApplied: 1 },
      { unappliedBytesMax: 149 },
      1,
      1,
    ],
    [
      'the log is too large for want of a snapshot',
      { log: '1 1 1', commitIndex: 3, lastApplied: 3 },
      { logBytesMax: 149 },
      1,
      0,
    ],
  ])('%s', (_, given, parameters, proposed, accepted) => {
    const leader = leaderOf({ ...given, parameters });
    const decision = propose(leader, proposed);
    expect(decision.state.log.lastIndex - leader.log.lastIndex).toBe(accepted);
    const refusals = only(decision, 'rejectProposals');
    const expected = {
      type: 'rejectProposals',
      batch: 3,
      from: accepted,
      reason: 'overloaded',
      leader: 'a',
    };
    expect(refusals).toEqual(accepted === proposed ? [] : [expected]);
  });

  test('what is committed counts until our own disk has it, too', () => {
    const first = propose(leaderOf({ log: '1', commitIndex: 1, parameters: room(2) }), 2).state;
    const committedByOthers = { ...first, commitIndex: 3, lastApplied: 3 };
    const waiting = propose(committedByOthers);
    expect(only(waiting, 'rejectProposals')).toMatchObject([{ reason: 'overloaded' }]);
    const { state: written } = recordWrites(committedByOthers, { writeId: first.writes.decided });
    expect(propose(written).state.log.lastIndex).toBe(4);
  });

  test('a batch refused whole changes nothing at all', () => {
    const leader = leaderOf({ parameters: room(0) });
    expect(propose(leader)).toMatchObject({ outgoing: [], effects: [{ type: 'rejectProposals' }] });
    expect(propose(leader).state).toBe(leader);
  });
});

describe('cluster time (thesis §6.3)', () => {
  const times = (state: ServerState) =>
    state.log.slice(state.log.firstIndex).map(({ time }) => time);

  test("counts on from the last entry's time by our monotonic clock, whatever that shows", () => {
    const first = propose(leaderOf({ log: '1 1' }), 1, 5_000_000).state;
    const second = propose(first, 2, 5_000_250).state;
    expect(times(second)).toEqual([10, 20, 20, 270, 270]);
  });

  test('counts from the election, not from the first command after it', () => {
    const leader = leaderOf({ log: '1' });
    const leadership = { ...leadershipOf(leader), clock: { now: 1_000, time: 10 } };
    expect(times(propose({ ...leader, leadership }, 1, 1_400).state)).toEqual([10, 410]);
  });

  test.each([
    ['when our clock goes back', 900],
    ['when the last entry is ahead of it', 1_001],
  ])('never falls: %s', (_, now) => {
    const leader = leaderOf({ log: '1 1 1' });
    const leadership = { ...leadershipOf(leader), clock: { now: 1_000, time: 0 } };
    expect(times(propose({ ...leader, leadership }, 1, now).state).at(-1)).toBe(30);
  });

  test('does not lose the fractions between batches that come every tenth of a millisecond', () => {
    let state = leaderOf({ log: '1' });
    for (let batch = 0; batch <= 100; batch += 1) state = propose(state, 1, 7 + batch / 10).state;
    expect(times(state).at(-1)).toBe(10 + 10);
    expect(times(state).every(Number.isInteger)).toBe(true);
  });
});
