/** Facts behind decisions: made while somebody listens, and not otherwise. */
import type { Observable } from 'rxjs';
import { describe, expect, test } from 'vitest';
import type { Effect } from '../../machines/rules/effects.ts';
import type { Fact } from '../../machines/rules/facts.ts';
import { Rig } from './rig.ts';

async function observed() {
  const effects: Effect[] = [];
  const states: boolean[] = [];
  const rig = await Rig.start({
    observer: {
      onEffect: (effect) => effects.push(effect),
      onState: ({ isExplained }) => states.push(isExplained),
    },
  });
  const made = () => effects.filter(({ type }) => type === 'explain').length;
  return { rig, made, isExplained: () => states.at(-1) };
}

describe('facts', () => {
  test('are not made while nobody listens', async () => {
    const { rig, made, isExplained } = await observed();
    await rig.lead();
    expect([made(), isExplained()]).toEqual([0, false]);
  });

  test('say to who listens what was decided and why', async () => {
    const { rig } = await observed();
    const facts: Fact[] = [];
    rig.server.facts$.subscribe((fact) => facts.push(fact));
    await rig.lead();
    const kinds = facts.map(({ kind }) => kind);
    expect(kinds).toContain('askedForPreVotes');
    expect(kinds.filter((kind) => kind === 'wonElection')).toHaveLength(1);
    expect(facts.find(({ kind }) => kind === 'wonElection')).toMatchObject({ term: 1, needed: 2 });
  });

  test.each(['facts$', 'inspect$'] as const)(
    'are made until the last who subscribed to %s has gone',
    async (stream) => {
      const { rig, made, isExplained } = await observed();
      const listened: Observable<unknown> = rig.server[stream];
      const [first, second] = [listened.subscribe(), listened.subscribe()];
      first.unsubscribe();
      await rig.lead();
      expect(made()).toBeGreaterThan(0);
      expect(isExplained()).toBe(true);
      second.unsubscribe();
      const before = made();
      await rig.b.append({ term: 2 });
      expect([made(), isExplained()]).toEqual([before, false]);
    },
  );

  test('end with the server', async () => {
    const { rig } = await observed();
    let isComplete = false;
    rig.server.facts$.subscribe({
      complete: () => {
        isComplete = true;
      },
    });
    await rig.server.stop();
    expect(isComplete).toBe(true);
  });
});
