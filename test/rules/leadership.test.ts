/** What begins and ends with leading (§5.2, §8; thesis §3.10, §6.2). */
import { describe, expect, test } from 'vitest';
import * as leadership from '../../machines/rules/leadership.ts';
import { Log } from '../../machines/rules/log.ts';
import { leadershipOf } from '../../machines/rules/state.ts';
import { persist, recordWrites } from '../../machines/rules/writes.ts';
import {
  clusterOf,
  entry,
  followerIn,
  leaderOf,
  quorumCheck,
  sent,
  serverOf,
  storing,
} from './states.ts';

describe('a new leader', () => {
  const decision = leadership.becomeLeader(
    serverOf({ log: '1 2', currentTerm: 3, votedFor: 'a', requestId: 6 }),
  );

  test('knows nothing of its followers, and hears from itself (Figure 2)', () => {
    expect(decision.state.heardLeader).toBe('a');
    const { followers } = leadershipOf(decision.state);
    expect(
      followers.map(({ id, matchIndex, lastAcknowledgedRequest }) => [
        id,
        matchIndex,
        lastAcknowledgedRequest,
      ]),
    ).toEqual([
      ['b', 0, 0],
      ['c', 0, 0],
    ]);
  });

  test('appends an empty entry of its term, at the time of its last entry (§8)', () => {
    expect(decision.state.log.entryAt(3)).toEqual({
      index: 3,
      term: 3,
      time: 20,
      type: 'empty',
      bytes: new Uint8Array(0),
    });
    expect(decision.effects).toMatchObject([
      { type: 'persist', writeId: 1, entries: [{ index: 3, type: 'empty' }] },
    ]);
  });

  /** A log that begins with settings as earlier versions wrote them. */
  function withOldSettings(parameters = {}) {
    const old = { sessionExpiryMs: 5, sessionsMax: 6, answerBytesMax: 7 };
    const { log, ...state } = serverOf({ log: '1 2', currentTerm: 3, parameters });
    const base = { ...log.base, settings: old };
    return { ...state, log: Log.from(base, log.slice(1)) };
  }

  test('appends the settings that an earlier version did not know, behind its empty entry', () => {
    const { state, effects } = leadership.becomeLeader(withOldSettings());
    expect(state.log.slice(3)).toMatchObject([
      { index: 3, term: 3, time: 20, type: 'empty' },
      { index: 4, term: 3, time: 20, type: 'settings' },
    ]);
    expect(effects).toMatchObject([{ type: 'persist', entries: [{ index: 3 }, { index: 4 }] }]);
    expect(state.log.settingsAt(4)).toEqual({
      ...{ sessionExpiryMs: 5, sessionsMax: 6, answerBytesMax: 7 },
      ...{ unusedExpiryMs: 60_000, sessionsPerOwnerMax: 1_000 },
    });
    const next = leadership.becomeLeader({ ...state, leadership: null, currentTerm: 4 });
    expect(next.state.log.slice(5)).toMatchObject([{ term: 4, type: 'empty' }]);
  });

  test("appends nothing behind the course's door", () => {
    const parameters = { appendsEmptyEntry: false };
    for (const server of [serverOf({ log: '1 2', parameters }), withOldSettings(parameters)]) {
      const silent = leadership.becomeLeader(server);
      expect(silent.state.log.lastIndex).toBe(2);
      expect(silent.effects).toEqual([]);
    }
  });
});

describe("the leader's own disk", () => {
  const elected = leadership.becomeLeader(
    serverOf({
      log: '1 1',
      currentTerm: 2,
      configuration: clusterOf('a'),
      writes: {
        decided: 4,
        durable: 2,
        ofTerm: 4,
        durableIndex: 1,
        pending: [{ writeId: 3, lastIndex: 2 }],
      },
    }),
  ).state;
  const confirmed = (number: number) =>
    leadership.countOwnWrites(recordWrites(elected, { writeId: number }).state, {
      writeId: number,
      now: 50,
    });

  test('does not count by writes decided before it led', () => {
    expect(leadershipOf(confirmed(4).state).ownMatchIndex).toBe(0);
    expect(confirmed(4).effects).toEqual([]);
  });

  test('counts by the writes of this leadership, for everything that is durable with them', () => {
    const decision = confirmed(5);
    expect(leadershipOf(decision.state).ownMatchIndex).toBe(3);
    expect(decision.effects).toMatchObject([
      { type: 'apply', entries: [{ index: 1 }, { index: 2 }, { index: 3 }] },
    ]);
  });

  test('counts as far as it is durable, not as far as the log goes (etcd #14370)', () => {
    const first = persist(elected, { entries: [] }).state;
    const log = first.log.append([entry(4, 2)]);
    const second = persist({ ...first, log }, { entries: [entry(4, 2)] }).state;
    const { state } = leadership.countOwnWrites(recordWrites(second, { writeId: 6 }).state, {
      writeId: 6,
      now: 50,
    });
    expect(leadershipOf(state).ownMatchIndex).toBe(3);
  });

  test('starts cluster time with its first word (thesis §6.3)', () => {
    expect(leadershipOf(confirmed(5).state).clock).toEqual({ now: 50, time: 20 });
  });

  test('lets cluster time run on with every later word (thesis §6.3)', () => {
    const { state } = persist(confirmed(5).state);
    const later = leadership.countOwnWrites(state, { writeId: 6, now: 90 });
    expect(leadershipOf(later.state).clock).toEqual({ now: 50, time: 20 });
  });
});

describe('the quorum check (thesis §6.2)', () => {
  test.each([
    [
      'a majority has lastAcknowledgedRequest a number given out since the last check',
      { b: { lastAcknowledgedRequest: 8 } },
      true,
    ],
    [
      'nobody has answered since',
      { b: { lastAcknowledgedRequest: 7 }, c: { lastAcknowledgedRequest: 7 } },
      false,
    ],
    ['nobody has ever answered', {}, false],
  ])('%s', (_, followers, heard) => {
    const leader = leaderOf({ requestId: 7, currentTerm: 1 }, followers);
    expect(leadership.hearsFromQuorum(leader)).toBe(heard);
  });

  test('a cluster of one always hears from its majority', () => {
    expect(leadership.hearsFromQuorum(leaderOf({ configuration: clusterOf('a') }))).toBe(true);
  });

  test('a check that passed asks for later numbers, and counts how long each has been silent', () => {
    const leader = { ...leaderOf({}, { b: { missedQuorumChecks: 2 } }), requestId: 30 };
    const { state } = leadership.recordQuorumCheck(leader);
    expect(leadershipOf(state).checkedAt).toBe(30);
    expect(followerIn(state, 'b').missedQuorumChecks).toBe(3);
  });
});

describe('handing over (thesis §3.10)', () => {
  test.each([
    ['the one that has most', { b: { matchIndex: 1 }, c: { matchIndex: 2 } }, 'c'],
    [
      'of equals, the one that answered last',
      {
        b: { matchIndex: 2, lastAcknowledgedRequest: 4 },
        c: { matchIndex: 2, lastAcknowledgedRequest: 9 },
      },
      'c',
    ],
  ])('to %s', (_, followers, successor) => {
    const decision = leadership.transferLeadership(
      leaderOf({ log: '1 1', requestId: 4 }, followers),
    );
    expect(sent(decision)).toEqual([
      { type: 'TimeoutNow', from: 'a', to: successor, term: 1, requestId: 5 },
    ]);
    expect(decision.state.requestId).toBe(5);
  });

  test('never to a learner, which would not campaign', () => {
    const { servers } = clusterOf();
    const configuration = {
      servers: servers.map((one) => ({ ...one, votes: one.id !== 'c' })),
      next: null,
    };
    const leader = leaderOf({ log: '1', configuration }, { c: { matchIndex: 1 } });
    expect(sent(leadership.transferLeadership(leader))).toMatchObject([{ to: 'b' }]);
  });

  test('to nobody when there is nobody', () => {
    const alone = leaderOf({ configuration: clusterOf('a') });
    expect(leadership.transferLeadership(alone)).toEqual({
      state: alone,
      effects: [],
      outgoing: [],
    });
  });
});

describe('resigning', () => {
  const read = { ids: [4, 5], index: 1, requestId: 2 };

  test('leaves nothing of the leadership, and refuses the reads that waited', () => {
    const leader = storing(leaderOf({ log: '1' }), 1);
    const waiting = {
      ...leader,
      leadership: { ...leadershipOf(leader), reads: [read, { ...read, ids: [6] }] },
    };
    const decision = leadership.resign(waiting, quorumCheck);
    expect(decision.state).toMatchObject({ leadership: null, heardLeader: null });
    expect(decision.effects).toEqual([
      { type: 'rejectReads', reads: [4, 5, 6], reason: 'not-leader', leader: null },
      { type: 'leadershipLost', term: 1 },
    ]);
  });

  test('says so also when no read waited: proposals are on their own now', () => {
    expect(leadership.resign(leaderOf({ currentTerm: 7 }), quorumCheck).effects).toEqual([
      { type: 'leadershipLost', term: 7 },
    ]);
  });
});
