/** The inspector as people meet it: the page of a real cluster of three processes. */
import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { InspectionRecord } from '../../src/inspector/protocol.ts';
import { readTrace, traceHeader, traceLine } from '../../src/inspector/trace.ts';
import { eventually } from '../cluster/statuses.ts';
import { actor, hello, received, transition } from '../inspector/records.ts';
import { audit, surroundings } from './audit.ts';
import { inBrowser } from './in-browser.ts';
import {
  eventsOf,
  inspectedCluster,
  isAccountedFor,
  type Seen,
  seen,
  showsLeader,
  told,
} from './inspected-cluster.ts';

const DESKTOP = { viewport: { width: 1600, height: 1000 } };

inBrowser('the inspector', (open) => {
  const it3 = inspectedCluster();

  it('shows every server, and who leads', async () => {
    const page = await open(it3.url, DESKTOP);
    await expect(page.title()).resolves.toBe('Statecraft inspector');
    await showsLeader(page);
    expect((await seen(page)).map(({ id }) => id)).toEqual(['a', 'b', 'c']);
    const agrees = async () => {
      const { id, term } = await it3.cluster.leader();
      const shown = (await seen(page)).find((server) => server.id === id);
      return shown?.role === 'leader' && shown.term === term;
    };
    await expect.poll(agrees, { timeout: 10_000 }).toBe(true);
  });

  it('goes on without HTTP, and accounts for every transition, in order', async () => {
    const page = await open(it3.url, DESKTOP);
    await showsLeader(page);
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    const [endpoint = ''] = it3.cluster.endpoints;
    for (let write = 0; write < 50; write += 1) {
      const request = { method: 'PUT', body: `value ${write}` };
      // Without a leader there is another answer, and soon another leader.
      await eventually('a write is acknowledged', 20_000, async () => {
        return (await fetch(`${endpoint}/v1/kv/key`, request)).status === 200;
      });
    }
    const { commitIndex } = await it3.cluster.leader();
    const isShown = (server: Seen) => (server.commitIndex ?? 0) >= commitIndex;
    await expect
      .poll(async () => (await seen(page)).every(isShown), { timeout: 10_000 })
      .toBe(true);
    for (const id of it3.cluster.ids) await isAccountedFor(page, id);
    expect(asked).toEqual([]);
  });

  it.each(surroundings)('is accessible: $name', async ({ options }) => {
    const page = await open(it3.url, options);
    await showsLeader(page);
    expect(await audit(page)).toEqual([]);
    await page.getByRole('tab', { name: 'Context' }).click();
    expect(await audit(page)).toEqual([]);
  });

  it('can be used by keyboard alone', async () => {
    const page = await open(it3.url, DESKTOP);
    await showsLeader(page);
    const { keyboard } = page;
    for (const [key, id] of Object.entries({ 3: 'c', 2: 'b' })) {
      await keyboard.press(key);
      await page.locator('[aria-pressed="true"]', { hasText: new RegExp(`^${id}`) }).waitFor();
    }
    await keyboard.press('Space');
    await page.getByRole('button', { name: 'Live' }).waitFor();
    const chosen = eventsOf(page).and(page.locator('[aria-selected="true"]'));
    const before = await chosen.getAttribute('id');
    await keyboard.press('ArrowLeft');
    await expect.poll(() => chosen.getAttribute('id')).not.toBe(before);
    await keyboard.press('ArrowRight');
    await expect.poll(() => chosen.getAttribute('id')).toBe(before);
    await keyboard.press('End');
    await page.getByRole('button', { name: 'Pause' }).waitFor();
    await keyboard.press('c');
    await page.getByRole('tab', { name: 'Context', selected: true }).waitFor();
    await keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
  });

  it('opens again what it has recorded, and shows the same', async () => {
    const page = await open(it3.url, DESKTOP);
    await showsLeader(page);
    await page.getByRole('button', { name: 'Record' }).click();
    await page.getByRole('button', { name: /^Save [1-9]\d\d records/ }).waitFor();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: /^Save/ }).click();
    const path = await (await download).path();
    const { lines } = readTrace(await readFile(path, 'utf8'));
    const live = await seen(page);

    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Open' }).click();
    await (await chooser).setFiles({
      name: 'run.jsonl',
      mimeType: '',
      buffer: await readFile(path),
    });
    await page.getByText('This is the trace run.jsonl, not what happens now.').waitFor();
    const filed = await seen(page);
    expect(filed).toEqual(
      live.map(({ id }) =>
        expect.objectContaining({ id, role: expect.any(String), reach: 'file' }),
      ),
    );
    for (const { id } of live) {
      const own = lines.filter(({ server }) => server === id);
      const transitions = own.flatMap(({ record }) =>
        record.type === 'transition' ? [[record.number, record.actor, record.event.type]] : [],
      );
      expect(transitions.length).toBeGreaterThan(0);
      const shown = await told(page, id);
      expect(shown.map(({ number, actor, event }) => [number, actor, event])).toEqual(transitions);
    }
    await page.getByRole('button', { name: 'Back to the servers' }).click();
    await showsLeader(page);
  });

  it('shows where something was dropped, once for all of it, in the log and the sequence', async () => {
    const page = await open(it3.url, DESKTOP);
    await showsLeader(page);
    const atMs = 1_700_000_000_000;
    const message = { type: 'TimeoutNow', from: 'b', to: 'a', term: 1 };
    const beats = { actor: 'server', kind: 'heartbeat' };
    const records: InspectionRecord[] = [
      hello('a', atMs),
      actor('server', { atMs }),
      transition(1, { atMs, ...received(message) }),
      { type: 'dropped', atMs: atMs + 10, count: 40, of: [{ ...beats, count: 30 }] },
      { type: 'dropped', atMs: atMs + 250, count: 2 },
      transition(44, { atMs: atMs + 300, ...received(message) }),
    ];
    const lines = records.map((record) => traceLine({ server: 'a', record }));
    const text = traceHeader({ software: 'x', recordedAtMs: atMs }) + lines.join('');
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Open' }).click();
    const file = { name: 'run.jsonl', mimeType: '', buffer: Buffer.from(text) };
    await (await chooser).setFiles(file);
    await page.getByText('This is the trace run.jsonl').waitFor();

    const row = eventsOf(page).filter({ hasText: 'not shown' });
    await row
      .filter({ hasText: /42 not shown.*until .*\.250 · 30 heartbeats, 12 others/ })
      .waitFor();
    expect(await row.count()).toBe(1);
    const messages = page.getByRole('region', { name: 'Sequence of messages' });
    await messages.getByRole('button', { name: 'a 42 not shown' }).click();
    expect(await messages.locator('.break').count()).toBe(1);
    await row.and(page.locator('[aria-selected="true"]')).waitFor();
    await page.getByText(/42 transitions of all actors .* were counted together/).waitFor();
    expect(await audit(page)).toEqual([]);
  });
});
