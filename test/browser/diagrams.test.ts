/** Pictures of machines, as a browser draws them: every word can be read, nothing is cut off. */
import { expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { chartOf } from '../../src/diagram/chart.ts';
import { layOutChart } from '../../src/diagram/layout.ts';
import { svgOf } from '../../src/diagram/svg.ts';
import { filesBelow, read } from '../architecture/source-files.ts';
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

/** Pixels, at the width of a README: smaller is decoration. */
const FONT_MIN = 6.5;

inBrowser('the picture', (open) => {
  async function isReadable(picture: string): Promise<void> {
    const page = await open('about:blank', README);
    await page.setContent(
      `<style>body{margin:0} svg{max-width:100%;height:auto}</style>${picture}`,
    );
    const frame = await page.locator('svg').first().boundingBox();
    const { x: left, y: top, width, height } = frame as NonNullable<typeof frame>;
    expect(left + width).toBeLessThanOrEqual(README.viewport.width);
    const boxes = await textBoxes(page);
    expect(boxes.length).toBeGreaterThan(5);
    expect(overlapping(boxes)).toEqual([]);
    expect(outside(boxes, { left, top, right: left + width, bottom: top + height })).toEqual([]);
    expect(Math.min(...boxes.map(({ bottom, top }) => bottom - top))).toBeGreaterThan(FONT_MIN);
  }

  it.each(filesBelow('docs/pictures', '.svg'))('%s can be read in a README', async (file) => {
    await isReadable(read(file));
  });

  it("of anybody's machine can be read", async () => {
    await isReadable(svgOf(await layOutChart(chartOf(kettle))));
  });
});
