/** Somebody's own machine in the inspector: the page speaks of it, and of nothing that it has not. */
import type { Page } from 'playwright-core';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { assign, createActor, createMachine, fromCallback, sendTo } from 'xstate';
import { type InspectServer, inspectServer } from '../../src/inspector/index.ts';
import { audit } from './audit.ts';
import { builtPages } from './built-pages.ts';
import { inBrowser } from './in-browser.ts';
import { eventsOf } from './inspected-cluster.ts';

const DESKTOP = { viewport: { width: 1440, height: 900 } };
/** Words of a cluster. */
const OF_A_CLUSTER = /election|heartbeat|refus|leader|term|write|server/i;

/** It ignores `ring`, also when its bell sends it. */
const shop = createMachine({
  id: 'shop',
  initial: 'open',
  context: { sold: 0 },
  invoke: {
    id: 'bell',
    src: fromCallback(({ receive, sendBack }) => receive(() => sendBack({ type: 'ring' }))),
  },
  states: {
    open: {
      on: {
        sell: { actions: assign({ sold: ({ context }) => context.sold + 1 }) },
        press: { actions: sendTo('bell', { type: 'pressed' }) },
        close: 'shut',
      },
    },
    shut: {},
    help: { id: 'help', route: {} },
  },
});

inBrowser('the inspector of own actors', (open) => {
  let server: InspectServer;

  beforeAll(() => {
    process.env.STATECRAFT_PAGES = builtPages;
  });

  afterEach(() => server?.close());

  async function shown(page: Page): Promise<string> {
    return page.evaluate<string>('document.body.innerText');
  }

  it('speaks of no cluster: without an actor, with one that is quiet, and in its help', async () => {
    server = await inspectServer({ name: 'shop' });
    const page = await open(server.url, DESKTOP);
    await page.getByText('No actor yet.').waitFor();
    expect(await shown(page)).not.toMatch(OF_A_CLUSTER);
    createActor(shop, { id: 'shop', inspect: server.inspect }).start();
    await page.getByText('No actor has sent another one an event yet.').waitFor();
    await page.getByText('2 actors').waitFor();
    expect(await shown(page)).not.toMatch(OF_A_CLUSTER);
    await page.keyboard.press('?');
    await page.getByText('an actor of this process handles').waitFor();
    expect(await shown(page)).not.toMatch(OF_A_CLUSTER);
    expect(await audit(page)).toEqual([]);
  });

  it.each(['light', 'dark'] as const)('shows in %s what a machine ignored', async (colorScheme) => {
    server = await inspectServer({ name: 'shop' });
    const page = await open(server.url, { ...DESKTOP, colorScheme });
    await page.getByText('No actor yet.').waitFor();
    const actor = createActor(shop, { id: 'shop', inspect: server.inspect }).start();
    for (const type of ['sell', 'nonsense', 'press']) actor.send({ type });
    const rows = eventsOf(page);
    const row = (type: string) => rows.filter({ hasText: type }).first();
    await row('press').waitFor();
    expect(await row('sell').filter({ hasText: 'ignored' }).count()).toBe(0);
    expect(await row('nonsense').filter({ hasText: 'ignored' }).count()).toBe(1);
    const colour = (rowClass: string) =>
      page.evaluate<string>(
        `getComputedStyle(document.querySelector('.row.is-transition${rowClass} b')).color`,
      );
    expect(await colour('.is-ignored')).not.toBe(await colour(':not(.is-ignored)'));
    const messages = page.getByRole('region', { name: 'Sequence of messages' });
    await messages.getByRole('button', { name: /ring ignored/ }).waitFor();
    await messages.getByRole('button', { name: /pressed$/ }).waitFor();
    expect(await messages.locator('.message.is-ignored').count()).toBe(1);
    await row('nonsense').click();
    await page.getByText('no transition: ignored in this state').waitFor();
    expect(await audit(page)).toEqual([]);
  });

  it('calls a route by where it leads', async () => {
    server = await inspectServer({ name: 'shop' });
    const page = await open(server.url, DESKTOP);
    await page.getByText('No actor yet.').waitFor();
    const actor = createActor(shop, { id: 'shop', inspect: server.inspect }).start();
    actor.send({ type: 'xstate.route', to: '#help' } as never);
    await eventsOf(page).filter({ hasText: 'route #help' }).first().click();
    await page.getByText('shop/route/0').waitFor();
    expect(await shown(page)).not.toContain('xstate.');
  });
});
