/** The playground as people meet it: the page itself, without reading about it first. */
import { expect, it } from 'vitest';
import { chartOf } from '#diagram/chart';
import { transitionTable } from '#diagram/transition-table';
import { machines } from '#machines';
import { frameHash } from '#playground/frame-hash';
import { openRecording } from '#playground/open';
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
    expect(table).toBe(transitionTable(chartOf(machine)));
  });

  it.each(surroundings)('is accessible: $name', async ({ options }) => {
    const page = await open(`#v=1&seed=7&servers=5&at=120`, options);
    await isAt(page, 120);
    expect(await audit(page)).toEqual([]);
    await page.getByRole('button', { name: 'Help and shortcuts' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await audit(page)).toEqual([]);
  });

  it('fits on a phone, without scrolling sideways', async () => {
    const page = await open('', { viewport: { width: 390, height: 844 } });
    await isThere(page);
    const [content, window] = await ask<number[]>(
      page,
      '[document.documentElement.scrollWidth, innerWidth]',
    );
    expect(content).toBe(window);
  });

  it('has every hash of a long run forth, back and after reloading', async () => {
    const last = 500;
    const script = { seed: 11, servers: 5, scenario: null, deeds: [] };
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
