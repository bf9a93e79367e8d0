/** Pictures of machines, as a browser draws them: every word can be read, nothing is cut off. */
import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { chartOf } from '#diagram/chart';
import { layOut } from '#diagram/layout';
import { svg } from '#diagram/svg';
import { machines } from '#machines';
import { inBrowser } from './in-browser.ts';
import { outside, overlapping, textBoxes } from './text-boxes.ts';

/** Of a README on a desktop. */
const README = { viewport: { width: 860, height: 900 } };

/** Somebody else's, with what ours do not have. */
const kettle = createMachine({
  id: 'kettle',
  initial: 'cold',
  states: {
    cold: { on: { 'switch.pressed': { guard: 'hasWater', target: 'heating', actions: 'light' } } },
    heating: {
      type: 'parallel',
      on: { 'switch.pressed': 'cold' },
      onDone: 'hot',
      states: {
        water: {
          initial: 'still',
          states: {
            still: { after: { 90000: 'boiling' } },
            boiling: { on: { 'steam.felt': 'steaming' } },
            steaming: { type: 'final' },
          },
        },
        lamp: { initial: 'on', states: { on: { on: { blink: 'off' } }, off: { type: 'final' } } },
        memory: { initial: 'last', states: { last: { type: 'history' }, first: {} } },
      },
    },
    hot: { always: { guard: 'isForgotten', target: 'cold' }, entry: ['whistle', 'unlight'] },
  },
});

inBrowser('the picture', (open) => {
  it.each(Object.entries({ ...machines, kettle }))('of %s can be read', async (_name, machine) => {
    const page = await open('about:blank', README);
    await page.setContent(svg(await layOut(chartOf(machine))));
    const picture = await page.locator('svg').first().boundingBox();
    const { x: left, y: top, width, height } = picture as NonNullable<typeof picture>;
    const boxes = await textBoxes(page);
    expect(boxes.length).toBeGreaterThan(5);
    expect(overlapping(boxes)).toEqual([]);
    expect(outside(boxes, { left, top, right: left + width, bottom: top + height })).toEqual([]);
  });
});
