/** Answers to the leader (§5.3): what they teach, what is old news, and what means a loss. */
import { describe, expect, test } from 'vitest';
import * as acknowledgements from '../../machines/rules/acknowledgements.ts';
import { appendEntriesResponse, installSnapshotResponse } from './messages.ts';
import { followerIn, leaderOf, only, pointerOf, storing } from './states.ts';

describe('an acknowledgement', () => {
  test.each([
    ['raises what is known', 1, 3, 3],
    ['that comes late lowers nothing (raft.tla #18, raft-java #53)', 5, 1, 5],
    ['above our last index counts up to it', 1, 99, 5],
  ])('%s', (_, known, matchIndex, expected) => {
    const leader = leaderOf({ log: '1 1 1 1 1' }, { b: { matchIndex: known } });
    const decision = acknowledgements.recordAppendEntriesResponse(
      leader,
      appendEntriesResponse({ matchIndex }),
    );
    expect(followerIn(decision.state, 'b').matchIndex).toBe(expected);
    expect(decision.outgoing).toEqual([
      { follower: 'b', event: { type: 'append.accepted', requestId: 7, matchIndex: expected } },
    ]);
  });

  test('commits what a majority now stores', () => {
    const leader = storing(leaderOf({ log: '1 1' }), 2);
    const decision = acknowledgements.recordAppendEntriesResponse(
      leader,
      appendEntriesResponse({ matchIndex: 2 }),
    );
    expect(decision.state.commitIndex).toBe(2);
    expect(decision.effects).toMatchObject([
      { type: 'apply', entries: [{ index: 1 }, { index: 2 }] },
    ]);
  });

  test('of a stranger counts for nothing', () => {
    const leader = leaderOf({ log: '1' });
    const word = appendEntriesResponse({ from: 'x', matchIndex: 1 });
    expect(acknowledgements.recordAppendEntriesResponse(leader, word)).toEqual({
      state: leader,
      effects: [],
      outgoing: [],
    });
    expect(
      acknowledgements.recordInstallSnapshotResponse(leader, installSnapshotResponse({ from: 'x' }))
        .state,
    ).toBe(leader);
  });

  test.each([
    ['an acceptance', { success: true }, 9, 9],
    ['a refusal', { success: false, prevLogIndex: 3, hintIndex: 2 }, 9, 9],
    ['a late one', { success: true }, 3, 6],
  ])(
    '%s echoes a number, by which reads and the quorum check go',
    (_, some, number, lastAcknowledgedRequest) => {
      const leader = leaderOf(
        { log: '1 1 1' },
        { b: { lastAcknowledgedRequest: 6, missedQuorumChecks: 3 } },
      );
      const { state } = acknowledgements.recordAppendEntriesResponse(
        leader,
        appendEntriesResponse({ ...some, requestId: number }),
      );
      expect(followerIn(state, 'b')).toMatchObject({
        lastAcknowledgedRequest,
        missedQuorumChecks: 0,
      });
    },
  );
});

describe('a refusal', () => {
  const refusal = (prevLogIndex: number, hintIndex: number, hintTerm: number, number = 7) =>
    appendEntriesResponse({
      success: false,
      prevLogIndex,
      hintIndex,
      hintTerm,
      requestId: number,
      term: 6,
    });

  test.each([
    ['the hint, where the terms agree', '1 1 4 4 6', 4, 3, 4, 4, true],
    ['the first entry, where it has none', '1 1 4 4 6', 4, 0, 0, 1, true],
    ["our own terms above the hint's are skipped whole", '1 1 4 4 6', 5, 4, 3, 3, false],
    ['no entry of such a term: from the first', '4 4 6', 3, 2, 3, 1, false],
    ['a hint inside our snapshot stands', '1 1 4 | 4 6', 5, 1, 1, 2, false],
  ])(
    'asks again from %s (§5.3)',
    (_, log, prevLogIndex, hintIndex, hintTerm, nextIndex, agrees) => {
      const decision = acknowledgements.recordAppendEntriesResponse(
        leaderOf({ log, currentTerm: 6 }),
        refusal(prevLogIndex, hintIndex, hintTerm),
      );
      expect(decision.outgoing).toEqual([
        {
          follower: 'b',
          event: { type: 'append.refused', requestId: 7, prevLogIndex, nextIndex, agrees },
        },
      ]);
    },
  );

  test.each([
    ['a hint below what it had acknowledged', 5, 2, 8, true],
    ['a refusal of what it had acknowledged', 3, 3, 8, true],
    ['the same, to a request from before the match was learnt', 5, 2, 5, false],
    ['a hint at what it had acknowledged', 5, 3, 8, false],
  ])('%s: entries are lost, or it is old news', (_, prevLogIndex, hintIndex, number, lost) => {
    const leader = leaderOf(
      { log: '1 1 1 1 1', currentTerm: 6 },
      { b: { matchIndex: 3, matchedAt: 5 } },
    );
    const decision = acknowledgements.recordAppendEntriesResponse(
      leader,
      refusal(prevLogIndex, hintIndex, 1, number),
    );
    expect(followerIn(decision.state, 'b')).toMatchObject({ hasLostEntries: lost, matchIndex: 3 });
    expect(decision.outgoing[0]?.event.type).toBe(
      lost ? 'acknowledgements.lost' : 'append.refused',
    );
  });

  test('that an acceptance overtook is old news: asked for before the match was learnt', () => {
    const leader = leaderOf({ log: '1 1 1 1 1', currentTerm: 6, requestId: 6 });
    const acceptance = appendEntriesResponse({ matchIndex: 5, requestId: 5, term: 6 });
    const { state } = acknowledgements.recordAppendEntriesResponse(leader, acceptance);
    const late = acknowledgements.recordAppendEntriesResponse(state, refusal(5, 3, 1, 6));
    expect(followerIn(late.state, 'b')).toMatchObject({ hasLostEntries: false, matchIndex: 5 });
    expect(late.outgoing[0]?.event.type).toBe('append.refused');
  });

  test('a loss is told once, with who, what and what to do; its transfer is over', () => {
    const leader = leaderOf(
      { log: '1 1 1', currentTerm: 6 },
      { b: { matchIndex: 3, transfer: pointerOf(1, 1) } },
    );
    const first = acknowledgements.recordAppendEntriesResponse(leader, refusal(3, 0, 0));
    expect(only(first, 'warn').map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^b has lost entries: it had acknowledged 3 in term 6, and now has at most 0\..*replace its storage/,
      ),
    ]);
    expect(followerIn(first.state, 'b').transfer).toBeNull();
    expect(
      only(acknowledgements.recordAppendEntriesResponse(first.state, refusal(3, 0, 0, 9)), 'warn'),
    ).toEqual([]);
  });
});
