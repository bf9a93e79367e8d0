import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/playground/action.ts';
import type { Frame } from '../../src/playground/frame.ts';
import { frameHash } from '../../src/playground/frame-hash.ts';
import { fragmentOf, type RunLink, readFragment } from '../../src/playground/link.ts';
import { Recording } from '../../src/playground/recording.ts';
import { SeededRandom } from '../../src/simulation/index.ts';
import { idsOf } from '../../src/simulation/options.ts';

const EVENTS = 250;
const VERBS = ['stop', 'crash', 'restart', 'pause', 'resume', 'timeOut', 'takeSnapshot'] as const;

/** Anything one can do, also when it means nothing just now. */
function anything(random: SeededRandom, { servers, flights }: Frame): Action {
  const oneOf = <Item>(items: readonly Item[]) => items[random.below(items.length)]!;
  const ids = servers.map(({ id }) => id);
  const server = oneOf(ids);
  const key = `k${random.below(3)}`;
  const actions: Action[] = [
    { type: 'put', server, key, value: String(random.below(100)) },
    { type: 'append', server, key, value: '+' },
    { type: 'get', server, key },
    ...VERBS.map((type) => ({ type, server })),
    { type: 'restart', server },
    { type: 'resume', server },
    { type: 'drop', flight: oneOf(flights)?.number ?? 1 },
    { type: 'heal' },
  ];
  const others = ids.filter((id) => id !== server);
  if (others.length > 0) {
    const to = oneOf(others);
    actions.push({ type: 'cut', from: server, to }, { type: 'restore', from: server, to });
    actions.push({ type: 'partition', groups: [[server], others] });
  }
  return oneOf(actions);
}

describe('whatever is done', () => {
  it.each([1, 2, 3, 4, 5, 7, 9])(
    'to %i servers, no property falls, and a link to it is the same run',
    async (servers) => {
      const random = new SeededRandom(`whatever ${servers}`);
      const recording = await Recording.start({
        seed: servers,
        servers,
        scenario: null,
        actions: [],
      });
      const hashes = [frameHash(recording.last)];
      while (recording.length < EVENTS) {
        const isQuiet = !random.chance(0.2) && (await recording.advance()) !== null;
        if (!isQuiet) await recording.act(recording.length, anything(random, recording.last));
        hashes.push(frameHash(recording.last));
      }
      expect(recording.last.violation).toBeNull();
      const script = recording.script;
      expect(script.actions.length).toBeGreaterThan(30);
      const link = { script, at: EVENTS, selected: null, speed: null };
      const read = readFragment(fragmentOf(link) as string) as RunLink;
      expect(read.script).toEqual(script);
      const again = await Recording.start(read.script);
      await again.advanceTo(EVENTS);
      expect(hashes.map((_, event) => frameHash(again.frame(event)))).toEqual(hashes);
    },
  );

  it('when everybody is down time runs out, and what is done then comes after that', async () => {
    const recording = await Recording.start({ seed: 3, servers: 3, scenario: null, actions: [] });
    await recording.advanceTo(60);
    for (const server of idsOf(3)) await recording.act(recording.length, { type: 'crash', server });
    while ((await recording.advance()) !== null);
    const end = recording.length;
    expect(await recording.advance()).toBeNull();
    expect(recording.length).toBe(end);
    for (const server of idsOf(3))
      await recording.act(recording.length, { type: 'restart', server });
    await recording.advanceTo(end + 60);
    expect(recording.last.servers.some(({ role }) => role === 'leader')).toBe(true);
    const again = await Recording.start(recording.script);
    await again.advanceTo(recording.length);
    expect(frameHash(again.last)).toBe(frameHash(recording.last));
  });
});
