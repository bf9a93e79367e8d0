/** A snapshot that arrives in chunks: what becomes of each, and when (Figure 13; §7). */
import { describe, expect, test } from 'vitest';
import { installSnapshot } from '../rules/messages.ts';
import { pointerOf, sent } from '../rules/states.ts';
import { elapses, hears, type Step, start, takes } from './steps.ts';

const chunk = (offset: number, requestId: number, some = {}) =>
  installSnapshot({ offset, requestId, ...some });
const stored = (requestId: number, nextOffset: number) =>
  ({ type: 'chunk.stored', snapshotId: 's', requestId, nextOffset, snapshot: null }) as const;
const pointer = pointerOf(5, 1, 's');
const kinds = ({ effects }: Step) => effects.map(({ type }) => type);

const storing = hears(start({ currentTerm: 1 }), chunk(0, 7));
const waiting = () => takes(storing, stored(7, 400));

test('the first chunk is stored, and answered when it is; the next one is awaited', () => {
  expect(storing.effects).toMatchObject([{ type: 'storeChunk', requestId: 7, offset: 0 }]);
  expect(sent(waiting())).toMatchObject([{ requestId: 7, nextOffset: 400, isDone: false }]);
  expect(hears(waiting(), chunk(400, 8)).effects).toMatchObject([
    { type: 'storeChunk', requestId: 8, offset: 400 },
  ]);
});

describe('while one is stored', () => {
  test.each([
    ['the same again', chunk(0, 8)],
    ['the next one', chunk(400, 8)],
  ])('nothing is made of another, but that its leader lives: %s', (_, another) => {
    const after = hears(storing, another);
    expect(after.effects).toEqual([]);
    expect(after.context).toBe(storing.context);
    expect(after.armed).toEqual(['electionTimeoutMin']);
  });

  test('one of another snapshot begins anew, and the word about the old one is not heard', () => {
    const other = { ...pointerOf(8, 1, 't') };
    const after = hears(storing, chunk(0, 8, { snapshot: other }));
    expect(kinds(after)).toEqual(['discardSnapshot', 'storeChunk']);
    expect(takes(after, stored(7, 400))).toMatchObject({ context: after.context, effects: [] });
  });

  test('the leader may be silent: a candidate, too, hears that it is stored, and answers', () => {
    const suspecting = elapses(storing, 'electionTimeoutMin');
    const asking = elapses(suspecting, 'electionTimeoutRest');
    const after = takes(asking, stored(7, 400));
    expect(after.value).toBe('candidate.preVote');
    expect(sent(after)).toMatchObject([{ to: 'b', requestId: 7, nextOffset: 400 }]);
    expect(kinds(hears(after, chunk(400, 8)))).toEqual(['storeChunk']);
  });
});

test.each([
  ['that we have', 0],
  ['that is too far ahead', 800],
])('one %s is answered with where to go on', (_, offset) => {
  const after = hears(waiting(), chunk(offset, 8));
  expect(sent(after)).toMatchObject([{ requestId: 8, nextOffset: 400, isDone: false }]);
  expect(kinds(after)).toEqual(['send']);
});

test('the last one brings the whole into force, and the answer waits for that write', () => {
  const finishing = hears(waiting(), chunk(400, 8, { isLast: true }));
  const after = takes(finishing, { ...stored(8, 1000), snapshot: pointer });
  expect(kinds(after)).toEqual(['persist', 'restore', 'send']);
  expect(after.effects[2]).toMatchObject({ afterWrite: 1, message: { isDone: true } });
  expect(after.context).toMatchObject({ snapshot: pointer, incoming: null });
});

describe('word of a chunk that nobody waits for changes nothing', () => {
  test.each([
    ['stored, of an earlier request', stored(6, 400)],
    ['stored, of another snapshot', { ...stored(7, 400), snapshotId: 't' }],
    ['stored, with all of it', { ...stored(6, 1000), snapshot: pointer }],
    ['rejected', { type: 'chunk.rejected', snapshotId: 's', requestId: 6 } as const],
  ])('%s', (_, word) => {
    expect(takes(storing, word)).toMatchObject({ context: storing.context, effects: [] });
    expect(takes(start(), word).effects).toEqual([]);
  });
});

test('a chunk that is sent past the gate has no effect', () => {
  const { type: _, ...raw } = chunk(400, 8);
  const before = waiting();
  const after = takes(before, { type: 'chunk.received', ...raw } as never);
  expect(after.snapshot).toBe(before.snapshot);
});
