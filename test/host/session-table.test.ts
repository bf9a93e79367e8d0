/** The table of all sessions by itself: who makes room for whom, and that a snapshot holds it all. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  DEFAULT_SESSION_SETTINGS,
  encodeOwner,
  type SessionSettings,
} from '../../machines/rules/sessions.ts';
import { pack } from '../../src/formats/msgpack.ts';
import { SessionTable } from '../../src/host/session-table.ts';
import { command } from './peer.ts';

const SETTINGS = {
  ...DEFAULT_SESSION_SETTINGS,
  sessionsMax: 3,
  sessionsPerOwnerMax: 2,
  unusedExpiryMs: 60_000,
};
/** As earlier versions wrote them. */
const OLD_SETTINGS = { sessionExpiryMs: 3_600_000, sessionsMax: 3, answerBytesMax: 1_000 };

function open(table: SessionTable, index: number, owner = '', time = 0) {
  return table.open({ index, time, bytes: encodeOwner(owner) });
}

function use(table: SessionTable, id: number, time = 0): void {
  table.checkDuplicate(id, command(1_000, 1, 'x', { session: id, sequence: 1, time }));
}

/** The sessions of the table among the first ten. */
function idsIn(table: SessionTable): number[] {
  return [...Array(11).keys()].filter((id) => table.ownerOf(id) !== undefined);
}

describe('sessions that never had a command', () => {
  test('make room for new ones where the table is full, first opened first', () => {
    const table = new SessionTable(SETTINGS);
    for (const index of [1, 2, 3, 4]) expect(open(table, index)).toBeNull();
    expect(idsIn(table)).toEqual([2, 3, 4]);
    use(table, 2);
    expect(open(table, 5)).toBeNull();
    expect(idsIn(table)).toEqual([2, 4, 5]);
  });

  test('and those with a command never do: then the opening is refused, by that bound', () => {
    const table = new SessionTable(SETTINGS);
    for (const index of [1, 2, 3]) {
      open(table, index);
      use(table, index);
    }
    expect(open(table, 4)).toBe('sessionsMax');
    expect(idsIn(table)).toEqual([1, 2, 3]);
  });

  test('of the same owner make room where its share is full, and nobody else’s', () => {
    const table = new SessionTable(SETTINGS);
    open(table, 1, 'bob');
    open(table, 2, 'ada');
    open(table, 3, 'ada');
    expect(open(table, 4, 'ada')).toBeNull();
    expect(idsIn(table)).toEqual([1, 3, 4]);
    for (const id of [3, 4]) use(table, id);
    expect(open(table, 5, 'ada')).toBe('sessionsPerOwnerMax');
    expect(open(table, 5, 'carol')).toBeNull();
    expect(idsIn(table)).toEqual([3, 4, 5]);
  });

  test('make room for others of their owner, also when one was closed before', () => {
    const table = new SessionTable(SETTINGS);
    open(table, 1, 'ada');
    open(table, 2, 'ada');
    table.close(1);
    open(table, 3, 'ada');
    expect(open(table, 4, 'ada')).toBeNull();
    expect(idsIn(table)).toEqual([3, 4]);
  });

  test('expire after their own time, though others were used earlier', () => {
    const table = new SessionTable(SETTINGS);
    open(table, 1);
    use(table, 1);
    open(table, 2, '', 10);
    open(table, 3, '', 20);
    table.expire(60_010);
    expect(idsIn(table)).toEqual([1, 2, 3]);
    table.expire(60_011);
    expect(idsIn(table)).toEqual([1, 3]);
  });

  test('are as any others by settings of an earlier version', () => {
    const table = new SessionTable(OLD_SETTINGS);
    for (const index of [1, 2, 3]) expect(open(table, index, 'ada')).toBeNull();
    expect(open(table, 4, 'ada')).toBe('sessionsMax');
    table.expire(3_600_000);
    expect(idsIn(table)).toEqual([1, 2, 3]);
    table.settings = SETTINGS;
    table.expire(3_600_000);
    expect(idsIn(table)).toEqual([]);
  });
});

test('a burst of openings leaves room for everybody who comes then', () => {
  const table = new SessionTable(DEFAULT_SESSION_SETTINGS);
  open(table, 1);
  use(table, 1);
  for (let index = 2; index <= 25_000; index += 1) expect(open(table, index, '', 1)).toBeNull();
  expect(table.size).toBe(DEFAULT_SESSION_SETTINGS.sessionsMax);
  expect(table.ownerOf(1)).toBe('');
  expect(open(table, 25_001, 'ada', 2)).toBeNull();
});

test('sessions of a snapshot that knew no owners are nobody’s', () => {
  const stored = { id: 7, lastActive: 0, firstUnanswered: 0, answers: [] };
  const table = new SessionTable(SETTINGS);
  table.restore(pack([stored]), SETTINGS);
  expect(table.ownerOf(7)).toBe('');
  expect(table.ownerOf(8)).toBeUndefined();
  const replayed = new SessionTable(SETTINGS);
  open(replayed, 7);
  expect(table.encode()).toEqual(replayed.encode());
});

const step = fc.record({
  kind: fc.constantFrom('open', 'open', 'command', 'command', 'command', 'close', 'settings'),
  owner: fc.constantFrom('', 'ada', 'bob'),
  session: fc.nat(6),
  sequence: fc.integer({ min: 1, max: 5 }),
  answered: fc.nat(5),
  passes: fc.nat(400),
});
type Step = typeof step extends fc.Arbitrary<infer U> ? U : never;

const SMALL: SessionSettings = { sessionExpiryMs: 1_000, sessionsMax: 4, answerBytesMax: 120 };
const COMPLETE: SessionSettings = { ...SMALL, unusedExpiryMs: 300, sessionsPerOwnerMax: 2 };

/** Carries out the steps from entry `first` on; what each of them was answered. */
function carryOut(table: SessionTable, steps: readonly Step[], first: number, startedAt: number) {
  let time = startedAt;
  const answers = steps.map(({ kind, owner, session, sequence, answered, passes }, i) => {
    const index = first + i;
    time += passes;
    table.expire(time);
    if (kind === 'open') return open(table, index, owner, time);
    if (kind === 'settings') {
      table.settings = COMPLETE;
      return null;
    }
    const id = [...Array(first + i).keys()].filter((n) => n % 5 === session % 5).at(-1) ?? 0;
    if (kind === 'close') return table.close(id);
    const firstUnanswered = Math.max(1, sequence - answered);
    const entry = command(index, 1, 'x', { session: id, sequence, firstUnanswered, time });
    const judged = table.checkDuplicate(id, entry);
    const bytes = new Uint8Array(passes % 50);
    if (judged.verdict === 'apply') table.keep(id, { sequence, index, term: 1, bytes });
    return judged;
  });
  return { answers, time };
}

test('a table restored from a snapshot, at any entry, behaves as the original from there on', () => {
  const steps = fc.array(step, { maxLength: 40 });
  const settings = fc.constantFrom(SMALL, COMPLETE);
  const property = fc.property(settings, steps, steps, (born, before, after) => {
    const original = new SessionTable(born);
    const { time } = carryOut(original, before, 1, 0);
    const restored = new SessionTable(DEFAULT_SESSION_SETTINGS);
    restored.restore(original.encode(), original.settings);
    const first = before.length + 1;
    const [a, b] = [original, restored].map((table) => carryOut(table, after, first, time));
    expect(b).toEqual(a);
    expect(restored.encode()).toEqual(original.encode());
  });
  fc.assert(property, { numRuns: 300 });
});

test('answers that came with a snapshot count against the bound, and make room for newer ones', () => {
  const settings = { ...SETTINGS, answerBytesMax: 15 };
  const before = new SessionTable(settings);
  const keep = (table: SessionTable, id: number) => {
    use(table, id);
    table.keep(id, { sequence: 1, index: 9, term: 1, bytes: new Uint8Array(10) });
  };
  open(before, 1);
  open(before, 2);
  keep(before, 1);
  const after = new SessionTable(settings);
  after.restore(before.encode(), settings);
  keep(after, 2);
  expect(idsIn(after)).toEqual([2]);
});
