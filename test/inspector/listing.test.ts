import { describe, expect, it } from 'vitest';
import { Kept } from '#inspector/kept';
import { firstAtLeast, Listing, type Wanted } from '#inspector/listing';

const EVERYTHING: Wanted = { actor: null, type: null, text: '' };

interface Listed {
  readonly actor: string;
  readonly event: { readonly type: string; readonly key?: string };
}

function logged(max = 100): Kept<Listed> {
  const kept = new Kept<Listed>(max);
  kept.push({ actor: 'server', event: { type: 'put', key: 'Apple' } });
  kept.push({ actor: 'server/b', event: { type: 'beat' } });
  kept.push({ actor: 'server', event: { type: 'put', key: 'pear' } });
  kept.push({ actor: 'server', event: { type: 'beat' } });
  return kept;
}

describe('the event log', () => {
  const filters: readonly (readonly [string, Partial<Wanted>, readonly number[]])[] = [
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
    kept.push({ actor: '', event: { type: '(5 dropped)' } });
    expect(new Listing(kept, { ...EVERYTHING, actor: 'server/b' }).numbers()).toEqual([1, 4]);
  });

  it('keeps up with what comes', () => {
    const kept = logged();
    const listing = new Listing(kept, { ...EVERYTHING, type: 'beat' });
    expect(listing.numbers()).toEqual([1, 3]);
    kept.push({ actor: 'server', event: { type: 'put' } });
    kept.push({ actor: 'server', event: { type: 'beat' } });
    expect(listing.numbers()).toEqual([1, 3, 5]);
  });

  it('forgets what is no longer kept', () => {
    const kept = logged(3);
    const listing = new Listing(kept, EVERYTHING);
    expect(listing.numbers()).toEqual([1, 2, 3]);
    for (let more = 0; more < 5; more += 1) kept.push({ actor: 'server', event: { type: 'put' } });
    expect(listing.numbers()).toEqual([6, 7, 8]);
  });

  it('finds where a number is, or would be', () => {
    expect([0, 1, 2, 3, 4].map((bound) => firstAtLeast([1, 3], bound))).toEqual([0, 0, 1, 1, 2]);
  });
});
