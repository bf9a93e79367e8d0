/** Linearizable reads (§8; thesis §6.4): the read index, confirmed by a round that began after it. */
import { describe, expect, test } from 'vitest';
import * as reads from '../../machines/rules/reads.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { leadershipOf } from '../../machines/rules/state.ts';
import { clusterOf, leaderOf, serverOf } from './states.ts';

/** A leader of term 2 whose entry 2 is of its own term; its counter stands at 10. */
const leader = (given: object = {}, echoes: Record<string, number> = {}) =>
  leaderOf(
    { log: '1 2', commitIndex: 2, requestId: 10, ...given },
    Object.fromEntries(
      Object.entries(echoes).map(([id, lastAcknowledgedRequest]) => [
        id,
        { lastAcknowledgedRequest },
      ]),
    ),
  );
const accepting = (state: ServerState, ...ids: number[]) =>
  reads.acceptReads(state, { reads: ids }).state;

describe('a read', () => {
  test('remembers how far applied state must be, and which numbers are too old to confirm it', () => {
    // Elected behind entry 2: nothing from entry 3 on is committed yet.
    expect(leadershipOf(accepting(leader(), 1, 2)).reads).toEqual([
      { ids: [1, 2], index: 3, requestId: 10 },
    ]);
    const settled = leader({ commitIndex: 2, log: '1 2' });
    const firstIndex = { ...settled, leadership: { ...leadershipOf(settled), firstIndex: 2 } };
    expect(leadershipOf(accepting(firstIndex, 1)).reads).toEqual([
      { ids: [1], index: 2, requestId: 10 },
    ]);
  });

  test.each([
    ['a majority has lastAcknowledgedRequest a later number', { b: 11 }, true],
    ['nobody has', {}, false],
    [
      'a majority has lastAcknowledgedRequest only the number given out before it (d-engine #381)',
      { b: 10, c: 10 },
      false,
    ],
    ['one of two followers is enough', { b: 4, c: 12 }, true],
  ])('is confirmed: %s', (_, echoes, confirmed) => {
    const started = leader({}, echoes);
    const state = { ...started, leadership: { ...leadershipOf(started), firstIndex: 2 } };
    expect(reads.hasConfirmedReads(accepting(state, 1))).toBe(confirmed);
  });

  test('of a leader of five is confirmed by two followers, whichever they are', () => {
    const configuration = clusterOf('a', 'b', 'c', 'd', 'e');
    const reading = (echoes: Record<string, number>) => {
      const started = leader({ configuration }, echoes);
      const state = { ...started, leadership: { ...leadershipOf(started), firstIndex: 2 } };
      return reads.hasConfirmedReads(accepting(state, 1));
    };
    expect(reading({ b: 11 })).toBe(false);
    expect(reading({ e: 11 })).toBe(false);
    expect(reading({ b: 11, c: 11 })).toBe(true);
    expect(reading({ d: 11, e: 11 })).toBe(true);
  });

  test('is not answered before the leader has committed in its term (etcd #7331)', () => {
    const fresh = accepting(leader({}, { b: 99, c: 99 }), 1);
    expect(reads.hasConfirmedReads(fresh)).toBe(false);
    const log = fresh.log.append([
      { index: 3, term: 2, time: 0, type: 'empty', bytes: new Uint8Array(0) },
    ]);
    expect(reads.hasConfirmedReads({ ...fresh, log, commitIndex: 3 })).toBe(true);
  });

  test('at a cluster of one is confirmed at once, when an entry of its term is committed', () => {
    const alone = leaderOf({ log: '1 2', commitIndex: 2, configuration: clusterOf('a') });
    expect(reads.hasConfirmedReads(accepting(alone, 1))).toBe(false);
    const committed = { ...alone, leadership: { ...leadershipOf(alone), firstIndex: 2 } };
    expect(reads.hasConfirmedReads(accepting(committed, 1))).toBe(true);
  });

  test('at any other server is refused, with whom we hear from', () => {
    expect(reads.refuseReads(serverOf({ heardLeader: 'c' }), { reads: [4] }).effects).toEqual([
      { type: 'rejectReads', reads: [4], reason: 'not-leader', leader: 'c' },
    ]);
  });

  test('behind the door without empty entries is not ready until an entry of the term is committed', () => {
    const parameters = { appendsEmptyEntry: false };
    expect(
      reads.acceptReads(leader({ commitIndex: 1, parameters }), { reads: [4] }).effects,
    ).toEqual([{ type: 'rejectReads', reads: [4], reason: 'not-ready', leader: 'a' }]);
    expect(reads.hasReads(accepting(leader({ commitIndex: 2, parameters }), 4))).toBe(true);
  });
});

describe('a round', () => {
  test('asks every replication actor for a heartbeat, and costs no entry', () => {
    expect(reads.beginRound(leader())).toMatchObject({
      effects: [],
      outgoing: [
        { follower: 'b', event: { type: 'round.begun' } },
        { follower: 'c', event: { type: 'round.begun' } },
      ],
    });
  });

  test('confirms every read accepted before it, together; later ones wait for the next', () => {
    const started = leader({}, { b: 12 });
    let state: ServerState = {
      ...started,
      leadership: { ...leadershipOf(started), firstIndex: 2 },
    };
    state = accepting(state, 1);
    state = accepting({ ...state, requestId: 11 }, 2, 3);
    state = accepting({ ...state, requestId: 12 }, 4);
    const decision = reads.answerReads(state);
    expect(decision.effects).toEqual([
      { type: 'answerReads', reads: [1], index: 2 },
      { type: 'answerReads', reads: [2, 3], index: 2 },
    ]);
    expect(leadershipOf(decision.state).reads.map(({ ids }) => ids)).toEqual([[4]]);
  });
});
