/** The playground in a browser: what it shows, read as a person reads it, and its console. */
import type { Page } from 'playwright-core';
import type { Frame, ServerFrame } from '../../src/playground/frame.ts';

/** A page that has read its address and drawn itself. */
export async function isThere(page: Page): Promise<void> {
  await page.waitForFunction(() => 'statecraft' in globalThis);
}

/** Asks the console of the page; with `await` inside if need be. */
export function ask<Answer>(page: Page, expression: string): Promise<Answer> {
  return page.evaluate<Answer>(`(async () => ${expression})()`);
}

/**
 * The hash of each of these events, as the page goes there: the loop is
 * written as `event = 0; event <= 9; event += 1`.
 */
export function hashesOf(page: Page, loop: string): Promise<string[]> {
  return ask(
    page,
    `{
      const { port1, port2 } = new MessageChannel();
      const turn = () => new Promise((done) => { port1.onmessage = done; port2.postMessage(0); });
      const found = [];
      for (let ${loop}) {
        void statecraft.seek(event);
        while (statecraft.frame().number !== event) await turn();
        found[event] = statecraft.hash();
      }
      return found;
    }`,
  );
}

/** The event that the page says it shows, once it shows that one. */
export function isAt(page: Page, event: number): Promise<void> {
  return page
    .locator('.position')
    .filter({ hasText: new RegExp(`event ${event} of`) })
    .waitFor();
}

export interface Shown {
  readonly id: string;
  readonly standing: string;
  readonly term: number;
  /** As `3 committed`: a term and how safe the entry is, for each index there is room for. */
  readonly log: readonly string[];
}

/** What ring and log table say of each server. */
export async function shown(page: Page): Promise<{ from: number; servers: Shown[] }> {
  const table = page.getByRole('grid', { name: 'The log of each server' });
  const heads = await table.locator('thead th').allTextContents();
  const from = Number(heads.find((head) => /^\d+$/.test(head)));
  const marks = await page
    .getByRole('button', { name: /^Server \w+:/ })
    .evaluateAll((nodes) => nodes.map((node) => node.getAttribute('aria-label') ?? ''));
  const rows = await table.locator('tbody tr').evaluateAll((nodes) =>
    nodes.map((row) => ({
      head: row.querySelector('th')?.textContent ?? '',
      cells: [...row.querySelectorAll('td .visually-hidden')].map((cell) => cell.textContent ?? ''),
    })),
  );
  const servers = rows.map(({ head, cells }): Shown => {
    const [id = '', standing = ''] = head.split(' ');
    const mark = marks.find((label) => label.startsWith(`Server ${id}:`)) ?? '';
    return { id, standing, term: Number(/term (\d+)/.exec(mark)?.[1]), log: cells.map(brief) };
  });
  return { from, servers };
}

/** The same of a frame of the simulation, from that index on. */
export function expected({ servers }: Frame, from: number): Shown[] {
  return servers.map((server) => ({
    id: server.id,
    standing: server.condition === 'running' ? server.role : server.condition,
    term: server.currentTerm,
    log: logOf(server, from),
  }));
}

function brief(cell: string): string {
  const [, term, safety] = /^term (\d+), (committed|not committed)/.exec(cell) ?? [];
  return term === undefined ? cell : `${term} ${safety}`;
}

function logOf({ log, state, appliedIndex }: ServerFrame, from: number): string[] {
  const { base, lastIndex } = log;
  const snapshot = base.index >= from ? [`compacted through ${base.index}`] : [];
  const first = Math.max(from, base.index + 1);
  const indexes = Array.from({ length: Math.max(0, lastIndex - first + 1) }, (_, at) => first + at);
  const commitIndex = state?.commitIndex ?? appliedIndex;
  const entries = indexes.map((index) => {
    const safety = index <= commitIndex ? 'committed' : 'not committed';
    return `${log.entryAt(index)?.term} ${safety}`;
  });
  return [...snapshot, ...entries];
}
