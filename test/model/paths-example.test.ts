/** The example of `paths` in its documentation runs as it stands there. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { assign, createActor, createMachine, SimulatedClock } from 'xstate';
import { paths } from '../../src/testing/paths.ts';

const source = readFileSync(new URL('../../src/testing/paths.ts', import.meta.url), 'utf8');
const example = (source.split('@example\n')[1] ?? '').split(' */')[0] ?? '';
const code = example.replaceAll(/^ \* ?/gm, '');

test('the door of the example is walked: pushed, and closed by time', () => {
  const known = { assign, createActor, createMachine, expect, paths, SimulatedClock };
  const run = new Function(...Object.keys(known), `${code}\nreturn walks;`);
  const walks: { steps: { event: { type: string } }[] }[] = run(...Object.values(known));
  const scripts = walks.map(({ steps }) => steps.map(({ event }) => event.type));
  expect(scripts).toContainEqual(['xstate.init', 'push', 'xstate.after.5000.door.open']);
  expect.assertions(1 + scripts.flat().length);
});
