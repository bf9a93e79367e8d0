/** Writes: what was asked of our disk, and what it has confirmed (§5.1; design: durability). */
import { describe, expect, test } from 'vitest';
import { persist, persistTerm, recordWrites } from '../../machines/rules/writes.ts';
import { entriesOf, logOf, only, serverOf } from './states.ts';

const appended = (terms: string, of: string) => {
  const state = serverOf({ log: of });
  const entries = entriesOf(terms, state.log.lastIndex + 1);
  return persist({ ...state, log: state.log.append(entries) }, { entries });
};

describe('a write', () => {
  test('always holds the term and the vote, together (willemt #47)', () => {
    const decision = persist(serverOf({ currentTerm: 4, votedFor: 'c' }));
    expect(decision.effects).toEqual([
      {
        type: 'persist',
        writeId: 1,
        term: 4,
        votedFor: 'c',
        commitIndex: 0,
        truncateFrom: null,
        entries: [],
        snapshot: null,
        base: null,
      },
    ]);
  });

  test('is numbered after the one before it, also over a restart', () => {
    const restarted = serverOf({
      writes: { decided: 9, durable: 9, ofTerm: 9, durableIndex: 0, pending: [] },
    });
    const first = persist(restarted);
    expect(only(first, 'persist')[0]?.writeId).toBe(10);
    expect(only(persist(first.state), 'persist')[0]?.writeId).toBe(11);
  });

  test('gives a commit index that is never above its last entry', () => {
    const decision = persist({ ...serverOf({ log: '1 1 1', commitIndex: 3 }), log: logOf('1 1') });
    expect(only(decision, 'persist')[0]?.commitIndex).toBe(2);
  });

  test('of a new term is what promises of that term wait for', () => {
    const { state } = persist(persistTerm(serverOf()).state);
    expect(state.writes).toMatchObject({ decided: 2, ofTerm: 1, durable: 0 });
  });
});

describe('confirmation', () => {
  test('entries are durable when their write is', () => {
    const { state } = appended('1 1', '1');
    expect(state.writes).toMatchObject({
      durableIndex: 1,
      pending: [{ writeId: 1, lastIndex: 3 }],
    });
    expect(recordWrites(state, { writeId: 1 }).state.writes).toMatchObject({
      durable: 1,
      durableIndex: 3,
      pending: [],
    });
  });

  test('one number confirms every write up to it (group commit)', () => {
    let { state } = appended('1', '1');
    for (const index of [3, 4]) {
      const entries = entriesOf('1', index);
      ({ state } = persist({ ...state, log: state.log.append(entries) }, { entries }));
    }
    const { writes } = recordWrites(state, { writeId: 2 }).state;
    expect(writes).toMatchObject({
      durable: 2,
      durableIndex: 3,
      pending: [{ writeId: 3, lastIndex: 4 }],
    });
  });

  test('a number that was confirmed already changes nothing', () => {
    const { state } = recordWrites(appended('1', '').state, { writeId: 1 });
    expect(recordWrites(state, { writeId: 1 }).state).toBe(state);
    expect(recordWrites(state, { writeId: 0 }).state).toBe(state);
  });

  test('a write without entries confirms none', () => {
    const { state } = persist(appended('1', '').state);
    expect(
      recordWrites(persist(serverOf({ log: '1' })).state, { writeId: 1 }).state.writes.durableIndex,
    ).toBe(1);
    expect(recordWrites(state, { writeId: 1 }).state.writes.durableIndex).toBe(1);
  });

  test('entries that were truncated while their write was in flight never count as durable', () => {
    const { state } = appended('1 1 1', '1');
    const entries = entriesOf('2', 3);
    const log = state.log.truncateFrom(3).append(entries);
    const replaced = persist({ ...state, log }, { truncateFrom: 3, entries }).state;
    expect(recordWrites(replaced, { writeId: 1 }).state.writes.durableIndex).toBe(2);
    expect(recordWrites(replaced, { writeId: 2 }).state.writes.durableIndex).toBe(3);
  });

  test('what is truncated stops being durable at once, before the truncation is', () => {
    const entries = entriesOf('2', 2);
    const state = serverOf({ log: '1 1 1' });
    const log = state.log.truncateFrom(2).append(entries);
    expect(persist({ ...state, log }, { truncateFrom: 2, entries }).state.writes.durableIndex).toBe(
      1,
    );
  });
});
