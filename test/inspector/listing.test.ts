import { describe, expect, it } from 'vitest';
import type { HistoryEntry } from '../../src/inspector/history-entry.ts';
import { type EntryFilter, firstAtLeast, Listing } from '../../src/inspector/listing.ts';
import { RingBuffer } from '../../src/inspector/ring-buffer.ts';

const EVERYTHING: EntryFilter = { actor: null, type: null, text: '' };

type Listed = Pick<HistoryEntry, 'kind' | 'actor' | 'event' | 'count' | 'atMs' | 'of'>;

function happened(actor: string, event: HistoryEntry['event'], atMs = 0): Listed {
  return { kind: 'transition', actor, event, count: 1, atMs, of: [] };
}

function dropped(count: number, atMs: number): Listed {
  const of = [{ actor: 'server', kind: 'beat', count }];
  return { kind: 'dropped', actor: '', event: { type: '(dropped)' }, count, atMs, of };
}

function logged(max = 100): RingBuffer<Listed> {
  const kept = new RingBuffer<Listed>(max);
  kept.push(happened('server', { type: 'put', key: 'Apple' }));
  kept.push(happened('server/b', { type: 'beat' }));
  kept.push(happened('server', { type: 'put', key: 'pear' }));
  kept.push(happened('server', { type: 'beat' }));
  return kept;
}

/** 40 of them, in two records with something of another actor between. */
function droppedTwice(max = 100): RingBuffer<Listed> {
  const kept = new RingBuffer<Listed>(max);
  kept.push(happened('server', { type: 'put' }, 1));
  kept.push(dropped(30, 2));
  kept.push(happened('server/b', { type: 'beat' }, 3));
  kept.push(dropped(10, 4));
  kept.push(happened('server', { type: 'put' }, 5));
  return kept;
}

/** How many transitions the rows account for. */
function accountedFor(listing: Listing<Listed>): number {
  return listing
    .numbers()
    .map((number) => listing.runAt(number)?.count ?? 1)
    .reduce((sum, count) => sum + count, 0);
}

describe('the event log', () => {
  const filters: readonly (readonly [string, Partial<EntryFilter>, readonly number[]])[] = [
    ['everything', {}, [0, 1, 2, 3]],
    ['one actor', { actor: 'server' }, [0, 2, 3]],
    ['one type', { type: 'beat' }, [1, 3]],
    ['a text anywhere in the event, in any case', { text: ' aPPle ' }, [0]],
    ['all of it at once', { actor: 'server', type: 'put', text: 'pear' }, [2]],
    ['nothing', { text: 'plum' }, []],
  ];

  it.each(filters)('lists %s', (_, wanted, numbers) => {
    expect(new Listing(logged(), { ...EVERYTHING, ...wanted }).numbers()).toEqual(numbers);
  });

  it('what belongs to no actor, as what was dropped, is in the log of each', () => {
    const kept = logged();
    kept.push(dropped(5, 0));
    expect(new Listing(kept, { ...EVERYTHING, actor: 'server/b' }).numbers()).toEqual([1, 4]);
  });

  it('keeps up with what comes', () => {
    const kept = logged();
    const listing = new Listing(kept, { ...EVERYTHING, type: 'beat' });
    expect(listing.numbers()).toEqual([1, 3]);
    kept.push(happened('server', { type: 'put' }));
    kept.push(happened('server', { type: 'beat' }));
    expect(listing.numbers()).toEqual([1, 3, 5]);
  });

  it('forgets what is no longer kept', () => {
    const kept = logged(3);
    const listing = new Listing(kept, EVERYTHING);
    expect(listing.numbers()).toEqual([1, 2, 3]);
    for (let more = 0; more < 5; more += 1) kept.push(happened('server', { type: 'put' }));
    expect(listing.numbers()).toEqual([6, 7, 8]);
  });

  it('what lasts longer stays listed, whoever looks first', () => {
    const kept = new RingBuffer<Listed>(3, ({ event }) => event.type === 'leads');
    const listing = new Listing(kept, EVERYTHING);
    for (const type of ['put', 'leads', 'put', 'leads', 'put', 'put']) {
      kept.push(happened('server', { type }));
      listing.numbers();
    }
    expect(listing.numbers()).toEqual([1, 3, 4, 5]);
    expect(new Listing(kept, EVERYTHING).numbers()).toEqual([1, 3, 4, 5]);
    kept.push(happened('server', { type: 'put' }));
    expect(listing.numbers()).toEqual([1, 3, 4, 5, 6]);
  });

  it('what was dropped with nothing listed between is one row, with its sum and its time', () => {
    const listing = new Listing(droppedTwice(), { ...EVERYTHING, actor: 'server' });
    expect(listing.numbers()).toEqual([0, 1, 4]);
    expect(listing.runAt(1)).toEqual({
      ...{ last: 3, atMs: 2, untilMs: 4, count: 40 },
      of: [{ actor: 'server', kind: 'beat', count: 40 }],
    });
    expect(accountedFor(listing)).toBe(42);
  });

  it('where something is listed between, they are two rows', () => {
    const listing = new Listing(droppedTwice(), EVERYTHING);
    expect(listing.numbers()).toEqual([0, 1, 2, 3, 4]);
    expect(listing.numbers().map((number) => listing.runAt(number)?.count)).toEqual([
      ...[undefined, 30, undefined, 10, undefined],
    ]);
    expect(accountedFor(listing)).toBe(43);
  });

  it('a row of what was dropped grows as more comes, and stays the same row', () => {
    const kept = droppedTwice();
    const listing = new Listing(kept, EVERYTHING);
    for (const count of [1, 2, 3]) {
      kept.push(dropped(count, 5 + count));
      expect(listing.numbers()).toEqual([0, 1, 2, 3, 4, 5]);
    }
    expect(listing.runAt(5)).toMatchObject({ last: 7, atMs: 6, untilMs: 8, count: 6 });
  });

  it('a row of what was dropped is there for as long as the last of it is kept', () => {
    const kept = droppedTwice(4);
    const listing = new Listing(kept, { ...EVERYTHING, actor: 'server' });
    expect(listing.numbers()).toEqual([1, 4]);
    kept.push(happened('server', { type: 'put' }));
    expect([kept.first, listing.numbers(), listing.runAt(1)?.count]).toEqual([2, [1, 4, 5], 40]);
    kept.push(happened('server', { type: 'put' }));
    kept.push(happened('server', { type: 'put' }));
    expect([kept.first, listing.numbers(), listing.runAt(1)]).toEqual([4, [4, 5, 6, 7], undefined]);
  });

  it('whoever looks for what was dropped finds each place', () => {
    const listing = new Listing(droppedTwice(), { ...EVERYTHING, type: '(dropped)' });
    expect(listing.numbers()).toEqual([1, 3]);
  });

  it('finds where a number is, or would be', () => {
    expect([0, 1, 2, 3, 4].map((bound) => firstAtLeast([1, 3], bound))).toEqual([0, 0, 1, 1, 2]);
  });
});
