/** A real cluster of three processes with `--inspect`, from the sources, and its page in a browser. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect } from 'vitest';
import { RunningCluster } from '../cluster/running-cluster.ts';
import { builtPages } from './built-pages.ts';

export interface Told {
  readonly number: number;
  readonly actor: string;
  readonly event: string;
}

export interface Seen {
  readonly id: string;
  readonly role: string | null;
  readonly term: number | null;
  readonly commitIndex: number | null;
  readonly reach: 'connecting' | 'connected' | 'lost' | 'file';
}

/** One for a whole suite. */
export function inspectedCluster(): { readonly cluster: RunningCluster; readonly url: string } {
  const made = { cluster: null as unknown as RunningCluster, url: '' };
  beforeAll(async () => {
    process.env.STATECRAFT_PAGES = builtPages;
    made.cluster = await RunningCluster.start({ flags: ['--inspect'] });
    [, made.url = ''] = await made.cluster.says(/^inspector: (\S+)$/m);
  });
  afterAll(async () => {
    await made.cluster?.stop();
  });
  return made;
}

export function seen(page: Page): Promise<Seen[]> {
  return page.evaluate<Seen[]>('statecraft.servers()');
}

export function told(page: Page, server: string): Promise<Told[]> {
  return page.evaluate<Told[]>(`statecraft.transitions('${server}')`);
}

/** Every transition was told once and in order, and the page says how many were not. */
export async function isAccountedFor(page: Page, server: string): Promise<void> {
  const { numbers, dropped } = await page.evaluate<{ numbers: number[]; dropped: number }>(
    `({ numbers: statecraft.transitions('${server}').map(({ number }) => number),
        dropped: statecraft.dropped('${server}') })`,
  );
  expect(numbers.length).toBeGreaterThan(0);
  expect(numbers).toEqual([...new Set(numbers)].sort((one, other) => one - other));
  // Connections count from 1; what was left out after the last one is among the dropped, too.
  const missing = (numbers.at(-1) ?? 0) - numbers.length;
  if (dropped === 0) expect(missing).toBe(0);
  expect(missing).toBeLessThanOrEqual(dropped);
  if (dropped > 0)
    await cardOf(page, server)
      .filter({ hasText: /[1-9][\d,]* not shown/ })
      .waitFor();
}

export function cardOf(page: Page, server: string) {
  return page
    .getByRole('list', { name: 'Servers' })
    .getByRole('button', { name: new RegExp(`^${server} `) });
}

/** Resolves when the page is connected to all three, and shows who leads. */
export async function showsLeader(page: Page): Promise<void> {
  const cards = page.getByRole('list', { name: 'Servers' }).getByRole('button');
  await cards.filter({ hasText: 'leader' }).waitFor();
  await cards.filter({ hasText: 'connected' }).nth(2).waitFor();
}

/** The rows of the event log that are in sight. */
export function eventsOf(page: Page) {
  return page.getByRole('listbox', { name: /^Events/ }).getByRole('option');
}
