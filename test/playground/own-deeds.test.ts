import { describe, expect, it } from 'vitest';
import { ownDeeds, performed } from '../../src/playground/page/story.ts';
import type { Deed } from '../../src/playground/script.ts';

const mine = (after: number): Deed => ({ after, action: { type: 'heal' } });

describe('deeds of one’s own', () => {
  it('are all deeds of a free run', async () => {
    const deeds = [mine(3), mine(9)];
    expect(await ownDeeds({ seed: 1, servers: 3, scenario: null, deeds })).toEqual(deeds);
  });

  it('are none while a story is followed, and what is done after it or instead of it', async () => {
    const { script } = await performed('figure-7');
    const last = script.deeds.at(-1)!;
    expect(script.deeds.length).toBeGreaterThan(0);
    expect(await ownDeeds(script)).toEqual([]);
    const after = mine(last.after + 10);
    expect(await ownDeeds({ ...script, deeds: [...script.deeds, after] })).toEqual([after]);
    const instead = mine(last.after - 1);
    const left = [...script.deeds.filter((deed) => deed.after < instead.after), instead];
    expect(await ownDeeds({ ...script, deeds: left })).toEqual([instead]);
  });
});
