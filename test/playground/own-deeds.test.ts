import { describe, expect, it } from 'vitest';
import { ownDeeds, performed } from '../../src/playground/page/story.ts';
import type { ScriptedAction } from '../../src/playground/script.ts';

const mine = (after: number): ScriptedAction => ({ after, action: { type: 'heal' } });

describe('deeds of one’s own', () => {
  it('are all deeds of a free run', async () => {
    const deeds = [mine(3), mine(9)];
    expect(await ownDeeds({ seed: 1, servers: 3, scenario: null, actions: deeds })).toEqual(deeds);
  });

  it('are none while a story is followed, and what is done after it or instead of it', async () => {
    const { script } = await performed('figure-7');
    const last = script.actions.at(-1)!;
    expect(script.actions.length).toBeGreaterThan(0);
    expect(await ownDeeds(script)).toEqual([]);
    const after = mine(last.after + 10);
    expect(await ownDeeds({ ...script, actions: [...script.actions, after] })).toEqual([after]);
    const instead = mine(last.after - 1);
    const left = [...script.actions.filter((deed) => deed.after < instead.after), instead];
    expect(await ownDeeds({ ...script, actions: left })).toEqual([instead]);
  });
});
