/** The inspector among strangers: other origins, too many pages, files that are not what they say. */
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { traceHeader, traceLine } from '../../src/inspector/trace.ts';
import { folderOf } from './built-pages.ts';
import { inBrowser } from './in-browser.ts';
import { eventsOf, inspectedCluster, showsLeader } from './inspected-cluster.ts';
import { type StaticServer, serveFolder } from './static-server.ts';

const DESKTOP = { viewport: { width: 1600, height: 1000 } };
/** It is no server: there is nothing at `/inspect`, where the page asks whether one is there again. */
const REFUSED = new RegExp(
  [
    "^console error: WebSocket connection to 'ws://127\\.0\\.0\\.1:\\d+/",
    '^console error: Failed to load resource: the server responded with a status of 404',
    '^answer 404: http://127\\.0\\.0\\.1:\\d+/inspect$',
  ].join('|'),
);
const PAGES_MAX = 4;

const BAD_FILES: readonly (readonly [string, string, RegExp])[] = [
  ['is something else', '%PDF-1.7', /Line 1: this is not a Statecraft trace/],
  ['is empty', '', /not a Statecraft trace/],
  [
    'is of another version',
    '{"format":"statecraft-trace","version":2,"software":"x","recordedAtMs":1}\n',
    /Line 1: this trace is of version 2, and this page reads version 1/,
  ],
  ['was cut off', `${traceHeader({ software: 'x', recordedAtMs: 1 })}{"serv`, /Line 2: .*cut off/],
  ['holds nothing', traceHeader({ software: 'x', recordedAtMs: 1 }), /without any record/],
];

inBrowser('the inspector, among strangers,', (open) => {
  const it3 = inspectedCluster();
  let elsewhere: StaticServer;
  beforeAll(async () => {
    // A page of another origin, which would be allowed by its own policy to connect anywhere.
    elsewhere = await serveFolder(folderOf('inspector'), {
      'content-security-policy': "default-src 'self' 'unsafe-inline' data: ws:",
    });
  });
  afterAll(() => elsewhere?.close());

  it('refuses a page of another origin', async () => {
    const page = await open(elsewhere.url, { ...DESKTOP, mayFail: REFUSED });
    const socket = it3.url.replace('http:', 'ws:').concat('/socket');
    const outcome = await page.evaluate(`new Promise((done) => {
      const socket = new WebSocket('${socket}');
      socket.onopen = () => done('open');
      socket.onmessage = () => done('told');
      socket.onclose = ({ code }) => done(code);
    })`);
    expect(outcome).toBe(1006);
  });

  it('says why a page too many hears nothing, and hears when one has gone', async () => {
    const others = Array.from({ length: PAGES_MAX }, () => {
      return new WebSocket(it3.url.replace('http:', 'ws:').concat('/socket'));
    });
    try {
      await Promise.all(others.map((other) => once(other, 'message')));
      const page = await open(it3.url, DESKTOP);
      const said = page.getByText(
        `${PAGES_MAX} pages are connected already: close one of them first`,
      );
      await said.waitFor();
      others[0]?.close();
      await showsLeader(page);
      await said.waitFor({ state: 'detached' });
    } finally {
      for (const other of others) other.terminate();
    }
  });

  it.each(BAD_FILES)('says what is wrong with a file that %s', async (_fault, text, said) => {
    const page = await open(it3.url, DESKTOP);
    await showsLeader(page);
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Open' }).click();
    const file = { name: '<b>run</b>.jsonl', mimeType: '', buffer: Buffer.from(text) };
    await (await chooser).setFiles(file);
    await page.getByText('<b>run</b>.jsonl cannot be opened.').waitFor();
    await page.getByText(said).waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
    await showsLeader(page);
  });

  it('shows what a trace says as the text that it is', async () => {
    const evil = '<img src=x onerror="alert(1)">';
    const atMs = 1_700_000_000_000;
    const standing = { actor: 'server', value: evil, active: [evil] } as const;
    const lines = [
      {
        ...{ type: 'hello', format: 'statecraft-inspection', version: 1, source: 'server' },
        ...{ atMs, id: evil, clusterId: evil, members: [], software: evil, pid: 1 },
      },
      { type: 'actor', atMs, ...standing, parent: null, machine: 'server', context: { key: evil } },
      {
        ...{ type: 'transition', atMs, ...standing, number: 1, event: { type: evil, text: evil } },
        ...{ from: evil, transitions: [evil], before: evil, changes: {}, emitted: [evil] },
      },
    ] as unknown as Parameters<typeof traceLine>[0]['record'][];
    const text = lines.map((record) => traceLine({ server: evil, record })).join('');
    const page = await open(it3.url, DESKTOP);
    await showsLeader(page);
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Open' }).click();
    const buffer = Buffer.from(traceHeader({ software: evil, recordedAtMs: atMs }) + text);
    await (await chooser).setFiles({ name: 'run.jsonl', mimeType: '', buffer });
    await page.getByText('This is the trace run.jsonl').waitFor();
    await eventsOf(page).filter({ hasText: evil }).first().click();
    await page.getByRole('tab', { name: 'Context' }).click();
    await page.getByText(evil).first().waitFor();
    expect(await page.locator('img').count()).toBe(0);
  });
});
