/** The playground as people meet it: the page itself, without reading about it first. */
import { expect, it } from 'vitest';
import { machines } from '../../machines/index.ts';
import { chartOf } from '../../src/diagram/chart.ts';
import { tableOf } from '../../src/diagram/transition-table.ts';
import { frameHash } from '../../src/playground/frame-hash.ts';
import { openRecording } from '../../src/playground/scenarios/index.ts';
import { isQuick } from '../tiers/tier.ts';
import { audit, surroundings } from './audit.ts';
import { inPlayground } from './in-playground.ts';
import { ask, hashesOf, isAt, isThere } from './playground-page.ts';

const DESKTOP = { viewport: { width: 1600, height: 1000 } };

inPlayground('the playground', (open) => {
  it('elects a leader by itself, and says why', async () => {
    const page = await open('', DESKTOP);
    await expect(page.title()).resolves.toBe('Statecraft playground');
    await page.locator('.situation', { hasText: /^\w leads term \d+/ }).waitFor();
    const feed = page.getByRole('list', { name: 'Events, newest first' });
    await feed.getByText(/won the election of term \d+: it has the votes of .* needs 3/).waitFor();
  });

  it.each(Object.entries(machines))('runs the %s machine as it is', async (name, machine) => {
    const page = await open('');
    await isThere(page);
    const table = await ask<string>(page, `statecraft.transitionTable('${name}')`);
    expect(table).toBe(tableOf(chartOf(machine)));
  });

  const audited = isQuick ? [surroundings[0]!, surroundings.at(-1)!] : surroundings;
  it.each(audited)('is accessible: $name', async ({ options }) => {
    const page = await open(`#v=1&seed=7&servers=5&at=120`, options);
    await isAt(page, 120);
    expect(await audit(page)).toEqual([]);
    await page.getByRole('button', { name: 'Help and shortcuts' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await audit(page)).toEqual([]);
  });

  it.each([
    [390, 844],
    [320, 480],
    [640, 400],
  ])('fits into %i by %i, without scrolling sideways', async (width, height) => {
    const page = await open('#v=1&seed=7&servers=5&at=120', { viewport: { width, height } });
    await isAt(page, 120);
    expect(await ask(page, 'document.documentElement.scrollWidth')).toBe(width);
    const time = page.getByRole('region', { name: 'Time', exact: true });
    const ends = await time
      .locator('*')
      .evaluateAll((all) => all.map((each) => each.getBoundingClientRect().right));
    expect(Math.max(...ends)).toBeLessThanOrEqual(width);
    const bar = await time.boundingBox();
    expect(bar?.height, 'most of the window is for what happens').toBeLessThan(height / 4);
  });

  it('says what it says in forced colours, too', async () => {
    const page = await open('#v=1&seed=2&servers=5&at=200', {
      ...DESKTOP,
      forcedColors: 'active',
    });
    await isAt(page, 200);
    const looks = (selector: string, property: string) =>
      ask<string[]>(
        page,
        `[...new Set([...document.querySelectorAll('${selector}')].map((each) =>
          getComputedStyle(each).getPropertyValue('${property}')))]`,
      );
    expect(await looks('.entry.is-missing', 'border-top-style')).toEqual(['none']);
    expect(await looks('.entry.is-applied', 'border-bottom-width')).toEqual(['5px']);
    expect(await looks('.entry.is-applied', 'border-top-style')).toEqual(['solid']);
    for (const [one, other, property] of [
      ['.deeds [aria-disabled="true"]', '.deeds [aria-disabled="false"]', 'color'],
      ['[role="tab"][aria-selected="true"]', '[aria-selected="false"]', 'border-bottom-color'],
      ['.actors [aria-pressed="true"]', '.actors [aria-pressed="false"]', 'background-color'],
    ] as const) {
      const [chosen, ...others] = await looks(one, property);
      expect(others, one).toEqual([]);
      expect(chosen, one).toBeDefined();
      expect(await looks(other, property), one).not.toContain(chosen);
    }
  });

  it('has every hash of a long run forth, back and after reloading', async () => {
    const last = 500;
    const script = { seed: 11, servers: 5, scenario: null, actions: [] };
    const tape = await openRecording(script);
    await tape.advanceTo(last);
    const own = Array.from({ length: last + 1 }, (_, event) => frameHash(tape.frame(event)));
    const page = await open(`#v=1&seed=11&servers=5&at=0`);
    await isThere(page);
    expect(await hashesOf(page, `event = 0; event <= ${last}; event += 1`)).toEqual(own);
    expect(await hashesOf(page, `event = ${last}; event >= 0; event -= 1`)).toEqual(own);
    await page.reload();
    await isThere(page);
    expect(await hashesOf(page, `event = 0; event <= ${last}; event += 1`)).toEqual(own);
    await isAt(page, last);
  });
});
