import { describe, expect, it } from 'vitest';
import { ownActions, performed } from '../../src/playground/page/run.ts';
import type { ScriptedAction } from '../../src/playground/script.ts';

const mine = (after: number): ScriptedAction => ({ after, action: { type: 'heal' } });

describe('actions of one’s own', () => {
  it('are all actions of a free run', async () => {
    const actions = [mine(3), mine(9)];
    expect(await ownActions({ seed: 1, servers: 3, scenario: null, actions })).toEqual(actions);
  });

  it('are none while a story is followed, and what is done after it or instead of it', async () => {
    const { script } = await performed('figure-7');
    const last = script.actions.at(-1)!;
    expect(script.actions.length).toBeGreaterThan(0);
    expect(await ownActions(script)).toEqual([]);
    const after = mine(last.after + 10);
    expect(await ownActions({ ...script, actions: [...script.actions, after] })).toEqual([after]);
    const instead = mine(last.after - 1);
    const left = [...script.actions.filter((each) => each.after < instead.after), instead];
    expect(await ownActions({ ...script, actions: left })).toEqual([instead]);
  });
});
