/** What the inspector's page looks like where it is not usual: long names, forced colours, no script. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createActor, createMachine, fromPromise } from 'xstate';
import { type InspectServer, inspectServer } from '../../src/inspector/index.ts';
import { traceHeader, traceLine } from '../../src/inspector/trace.ts';
import { actor, hello, received, transition } from '../inspector/records.ts';
import { audit } from './audit.ts';
import { builtPages, folderOf } from './built-pages.ts';
import { inBrowser } from './in-browser.ts';

const WIDE = { viewport: { width: 1600, height: 1000 } };
const MIDDLE = { viewport: { width: 1100, height: 900 } };
const NARROW = { viewport: { width: 390, height: 844 } };
const NO_SCRIPT = 'drawn by a script, which has not run';

/** A trace in which each server has heard from the first one. */
function traceOf(ids: readonly string[]): string {
  const lines = ids.flatMap((server) => {
    const message = { type: 'TimeoutNow', from: ids[0] ?? '', to: server, term: 1 };
    const records = [hello(server), actor('server'), transition(1, received(message))];
    return records.map((record) => traceLine({ server, record }));
  });
  return traceHeader({ software: 'x', recordedAtMs: 0 }) + lines.join('');
}

async function openTrace(page: Page, text: string): Promise<void> {
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('button', { name: 'Open' }).click();
  const file = { name: 'run.jsonl', mimeType: '', buffer: Buffer.from(text) };
  await (await chooser).setFiles(file);
  await page.getByText('This is the trace run.jsonl').waitFor();
}

inBrowser('the looks of the inspector', (open) => {
  let server: InspectServer;
  let tryOnce = () => {};

  beforeAll(async () => {
    process.env.STATECRAFT_PAGES = builtPages;
    server = await inspectServer();
    const { inspect } = server;
    createActor(createMachine({ id: 'light' }), { inspect }).start();
    const failing = fromPromise(() => Promise.reject(new Error('no way')));
    const trying = createMachine({
      id: 'trying',
      on: { try: '.trial' },
      initial: 'idle',
      states: { idle: {}, trial: { invoke: { src: failing, id: 'trial', onError: 'idle' } } },
    });
    tryOnce = () => trial.send({ type: 'try' });
    const trial = createActor(trying, { inspect, id: 'tries' }).start();
  });

  afterAll(() => server?.close());

  const cards = (page: Page) =>
    page.getByRole('list', { name: /^(Servers|Processes)$/ }).getByRole('button');

  it.each([
    ['opened as a file', { mayFail: /./ }],
    ['without JavaScript', { javaScriptEnabled: false }],
  ])('%s it says what to do', async (how, options) => {
    const file = pathToFileURL(join(folderOf('inspector'), 'index.html')).href;
    const page = await open(how === 'opened as a file' ? file : server.url, options);
    await page.getByText(NO_SCRIPT).waitFor({ state: 'visible' });
  });

  it('and nothing of the kind once it is drawn', async () => {
    const page = await open(server.url);
    await cards(page).first().waitFor();
    expect(await page.getByText(NO_SCRIPT).count()).toBe(0);
  });

  it.each([
    ['node-', WIDE],
    ['node-', NARROW],
    ['production-frankfurt-raft-srv-', WIDE],
    ['production-frankfurt-raft-srv-', MIDDLE],
    ['production-frankfurt-raft-srv-', NARROW],
  ])('servers called %s1 to 5 are told apart, and nothing is cut', async (name, options) => {
    const ids = ['1', '2', '3', '4', '5'].map((each) => name + each);
    const page = await open(server.url, options);
    await openTrace(page, traceOf(ids));
    expect(await cards(page).locator('.badge').allInnerTexts()).toEqual(['1', '2', '3', '4', '5']);
    const names = cards(page).locator('.name');
    expect(await names.evaluateAll((all) => all.map(({ title }) => title))).toEqual(ids);
    for (const id of ids) {
      const end = cards(page).locator('.name > :last-child', { hasText: id.slice(-5) });
      expect(await end.evaluate((part) => part.scrollWidth - part.clientWidth)).toBe(0);
    }
    const heads = page.getByRole('list', { name: 'Lanes' }).getByRole('listitem');
    const shown = await heads.allInnerTexts();
    expect(new Set(shown).size).toBe(5);
    const cut = await page
      .locator('.server, .lane-heads li')
      .evaluateAll((all) => all.filter((each) => each.scrollWidth > each.clientWidth).length);
    expect(cut).toBe(0);
    expect(await audit(page)).toEqual([]);
  });

  it('in forced colours the chosen server, actor and event, and time, can be seen', async () => {
    const page = await open(server.url, { ...WIDE, forcedColors: 'active' });
    await openTrace(page, traceOf(['a', 'b']));
    const style = async (selector: string, property: string) => {
      await page.locator(selector).waitFor();
      return page.evaluate<string>(
        `getComputedStyle(document.querySelector('${selector}')).${property}`,
      );
    };
    expect(await style('.server[aria-pressed="true"]', 'borderTopWidth')).toBe('3px');
    expect(await style('.server[aria-pressed="false"]', 'borderTopWidth')).toBe('1px');
    expect(await style('.actor[aria-selected="true"]', 'borderLeftWidth')).toBe('3px');
    expect(await style('.actor[aria-selected="false"]', 'borderLeftWidth')).toBe('0px');
    expect(await style('.row.is-chosen', 'borderLeftWidth')).toBe('4px');
    expect(await style('.timeline input', 'appearance')).toBe('auto');
  });

  it('says which actor has failed, with its error', async () => {
    const page = await open(server.url, WIDE);
    const actors = page.getByRole('tree').getByRole('treeitem');
    await actors.filter({ hasText: 'tries' }).waitFor();
    tryOnce();
    const messages = page.getByRole('region', { name: 'Sequence of messages' });
    await messages.getByRole('button', { name: 'trial failed: Error: no way' }).waitFor();
    expect(await messages.getByRole('listitem').filter({ hasText: 'trial' }).count()).toBe(3);
    expect(await messages.locator('.mark.is-failed').count()).toBe(1);
  });
});
