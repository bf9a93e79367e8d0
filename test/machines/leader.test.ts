/** Leaders (Figure 2, Rules for Servers; §5.3, §5.4.2, §8; thesis §3.10, §6.2, §6.4). */
import { describe, expect, test } from 'vitest';
import type { Proposal } from '../../machines/rules/entries.ts';
import * as messages from '../rules/messages.ts';
import { followerIn, only, pointerOf, sent } from '../rules/states.ts';
import { elapses, elected, hears, persisted, type Step, start, takes } from './steps.ts';

const command: Proposal = { type: 'command', bytes: new Uint8Array(2) };
const propose = (step: Step, count = 1) =>
  takes(step, {
    type: 'client.proposed',
    batch: 1,
    now: 0,
    proposals: Array.from({ length: count }, () => command),
  });
const ask = (step: Step, ...reads: number[]) => takes(step, { type: 'client.queried', reads });
/** b has stored through `matchIndex`; numbers grow with every answer. */
const accepts = (step: Step, matchIndex: number, from = 'b', number = step.context.requestId) =>
  hears(
    step,
    messages.appendEntriesResponse({
      from,
      term: step.context.currentTerm,
      matchIndex,
      requestId: number,
    }),
  );
const beat = (step: Step, previous = 0, follower = 'b') =>
  takes(step, { type: 'heartbeat.wanted', follower, previous });

/** A leader of term 2 with entries '1 1 2', its own disk being through. */
const leader = persisted(elected({ log: '1 1' }));
/** The same, with its empty entry committed. */
const settled = accepts(leader, 3);

describe('what clients propose', () => {
  test('is written and told to the replication actors; they ask, and the leader sends', () => {
    const proposed = propose(leader, 3);
    expect(proposed.effects.map(({ type }) => type)).toEqual(['proposalsAppended', 'persist']);
    expect(proposed.outgoing.map(({ follower, event }) => [follower, event.type])).toEqual([
      ['b', 'log.extended'],
      ['c', 'log.extended'],
    ]);
    const asked = takes(proposed, {
      type: 'append.wanted',
      follower: 'b',
      from: 3,
      messagesMax: 9,
      bytesMax: 1e6,
    });
    expect(only(asked, 'send')).toMatchObject([
      { afterWrite: 0, message: { to: 'b', prevLogIndex: 2, entries: { length: 4 } } },
    ]);
  });

  test('costs one write and one message a follower, however many commands came in one turn', () => {
    const proposed = propose(leader, 500);
    expect(only(proposed, 'persist')).toHaveLength(1);
    for (const follower of ['b', 'c']) {
      const asked = takes(proposed, {
        type: 'append.wanted',
        follower,
        from: 4,
        messagesMax: 64,
        bytesMax: 4e6,
      });
      expect(sent(asked)).toMatchObject([{ to: follower, entries: { length: 500 } }]);
    }
  });

  test('is committed by its own disk and one follower, in either order, and never before', () => {
    const proposed = propose(settled);
    expect(only(persisted(proposed), 'apply')).toEqual([]);
    expect(only(accepts(persisted(proposed), 4), 'apply')).toMatchObject([
      { entries: [{ index: 4 }] },
    ]);
    expect(only(accepts(proposed, 4), 'apply')).toEqual([]);
    expect(only(persisted(accepts(proposed, 4)), 'apply')).toMatchObject([
      { entries: [{ index: 4 }] },
    ]);
  });

  test('entries of earlier terms are committed with the first of its own, not by counting (§5.4.2)', () => {
    expect(only(accepts(leader, 2), 'apply')).toEqual([]);
    expect(only(settled, 'apply')).toMatchObject([
      { entries: [{ index: 1 }, { index: 2 }, { index: 3 }] },
    ]);
  });

  test.each([
    ['a follower', start()],
    ['a candidate', elapses(start(), 'electionTimeout')],
  ])('is refused by %s, before it is appended', (_, server) => {
    expect(propose(server).effects).toMatchObject([
      { type: 'rejectProposals', reason: 'not-leader' },
    ]);
    expect(ask(server, 1).effects).toMatchObject([{ type: 'rejectReads', reason: 'not-leader' }]);
  });
});

describe('linearizable reads', () => {
  test('begin a round, and are answered when a majority has lastAcknowledgedRequest a number given out after them', () => {
    const asked = ask(settled, 7, 8);
    expect(asked.outgoing.map(({ event }) => event.type)).toEqual(['round.begun', 'round.begun']);
    expect(asked.effects).toEqual([]);
    const old = accepts(asked, 3, 'c', settled.context.requestId);
    expect(old.effects).toEqual([]);
    const beaten = beat(asked, 3);
    expect(accepts(beaten, 3).effects).toEqual([{ type: 'answerReads', reads: [7, 8], index: 3 }]);
  });

  test('are confirmed by any answer of the term, also a refusal and a chunk', () => {
    const beaten = beat(ask(settled, 7), 3, 'c');
    const { requestId } = beaten.context;
    const refused = messages.appendEntriesResponse({
      from: 'c',
      term: 2,
      success: false,
      prevLogIndex: 3,
      requestId,
    });
    expect(hears(beaten, refused).effects).toMatchObject([{ type: 'answerReads' }]);
    const chunk = messages.installSnapshotResponse({ from: 'c', term: 2, requestId });
    expect(hears(beaten, chunk).effects).toMatchObject([{ type: 'answerReads' }]);
  });

  test('that come during a round are one round together, the next', () => {
    let step = beat(ask(settled, 1), 3);
    for (let id = 2; id <= 1000; id += 1) {
      step = ask(step, id);
      expect(step.outgoing).toEqual([]);
    }
    const first = accepts(step, 3);
    expect(only(first, 'answerReads').flatMap(({ reads }) => reads)).toEqual([1]);
    expect(first.outgoing.filter(({ event }) => event.type === 'round.begun')).toHaveLength(2);
    const second = accepts(beat(first, 3), 3);
    expect(only(second, 'answerReads').flatMap(({ reads }) => reads)).toHaveLength(999);
  });

  test('wait for the first entry of the term to be committed (etcd #7331)', () => {
    const confirmed = accepts(beat(ask(leader, 7)), 2);
    expect(confirmed.effects).toEqual([]);
    expect(accepts(confirmed, 3).effects.map(({ type }) => type)).toEqual(['apply', 'answerReads']);
  });

  test('that still wait when it stops leading are refused', () => {
    const deposed = hears(ask(settled, 7, 8), messages.appendEntries({ term: 3 }));
    expect(deposed.effects.slice(0, 2)).toEqual([
      { type: 'rejectReads', reads: [7, 8], reason: 'not-leader', leader: null },
      { type: 'leadershipLost', term: 2 },
    ]);
  });
});

describe('the quorum check (thesis §6.2)', () => {
  test('passes when a majority has answered since the last, and looks ahead', () => {
    const checked = elapses(accepts(beat(leader), 0), 'quorumCheckInterval');
    expect(checked).toMatchObject({ value: 'leader', armed: ['quorumCheckInterval'] });
    const cutOff = elapses(checked, 'quorumCheckInterval');
    expect(cutOff.value).toBe('follower.waiting');
  });

  test('that fails ends the leadership: no term, no write, no leader, the actors stopped', () => {
    const cutOff = elapses(leader, 'quorumCheckInterval');
    expect(cutOff).toMatchObject({
      value: 'follower.waiting',
      stopped: ['b', 'c'],
      armed: ['electionTimeout'],
    });
    expect(cutOff.effects).toEqual([{ type: 'leadershipLost', term: 2 }]);
    expect(cutOff.context).toMatchObject({ leadership: null, heardLeader: null, currentTerm: 2 });
  });

  test('is not put off by reads, proposals or heartbeats: its timer goes on', () => {
    for (const step of [ask(leader, 1), propose(leader), beat(leader), accepts(leader, 3)]) {
      expect(step.armed).toEqual([]);
      expect(step.timers).toEqual(leader.timers);
    }
  });
});

describe('other servers', () => {
  test.each([messages.appendEntries({ term: 2 }), messages.installSnapshot({ term: 2 })])(
    '$type of its own term is a bug that stops it (Figure 3, Election Safety)',
    (message) => {
      expect(() => hears(leader, message)).toThrow(
        /a leads term 2, and b says that it leads term 2 too/,
      );
    },
  );

  test('the same server leads again with nothing of the last time', () => {
    const again = elapses(elapses(settled, 'quorumCheckInterval'), 'electionTimeout');
    expect(again.context).toMatchObject({ leadership: null, campaign: { term: 3 } });
    const { requestId } = again.context;
    const voting = persisted(
      hears(again, messages.preVoteResponse({ requestId, term: 2, proposedTerm: 3 })),
    );
    const second = hears(
      voting,
      messages.requestVoteResponse({ requestId: voting.context.requestId, term: 3 }),
    );
    expect(second).toMatchObject({ value: 'leader', started: ['b', 'c'] });
    expect(followerIn(second.context, 'b')).toMatchObject({
      matchIndex: 0,
      lastAcknowledgedRequest: 0,
    });
    // What its actors of the last time had asked for is answered by nobody.
    expect(takes(voting, { type: 'heartbeat.wanted', follower: 'b', previous: 0 }).effects).toEqual(
      [],
    );
  });

  test('are asked to take over when it is released (thesis §3.10)', () => {
    const released = takes(accepts(settled, 3, 'c'), { type: 'leadershipTransfer.requested' });
    expect(sent(released)).toMatchObject([{ type: 'TimeoutNow', term: 2 }]);
    expect(released.value).toBe('leader');
  });
});

test('its own snapshot is taken by policy and cuts the log, leading or not (§7)', () => {
  const small = { parameters: { snapshotAfterEntries: 2, trailingEntries: 0 } };
  const grown = accepts(persisted(elected({ log: '1 1', ...small })), 3);
  const applied = takes(grown, { type: 'entries.applied', index: 3 });
  expect(applied.effects).toEqual([{ type: 'takeSnapshot' }]);
  const taken = takes(applied, { type: 'snapshot.taken', snapshot: pointerOf(3, 2) });
  expect(taken.effects).toMatchObject([
    { type: 'persist', snapshot: { index: 3 }, base: { index: 3 } },
  ]);
  expect(taken).toMatchObject({ value: 'leader', context: { snapshot: { index: 3 } } });
});
