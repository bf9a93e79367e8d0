/** What the watching of pages notices: without it, a page could misbehave and every test be green. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserPath, launch } from './browser.ts';
import { type StaticServer, serveFolder } from './static-server.ts';
import { watch } from './watch.ts';

const MISDEEDS: readonly (readonly [string, string, RegExp])[] = [
  ['complains on the console', "console.error('ouch')", /console error: ouch/],
  ['warns on the console', "console.warn('well')", /console warning: well/],
  ['throws', "setTimeout(() => { throw new Error('torn') })", /error: .*torn/],
  ['rejects, unheard', "Promise.reject(new Error('no'))", /error: .*no/],
  ['asks another host', "fetch('http://localhost:9/x').catch(() => {})", /another host/],
  ['opens a socket elsewhere', "new WebSocket('ws://localhost:9/')", /socket to another host/],
  ['asks for what is not there', "fetch('/absent')", /answer 404/],
  ['turns text into code', 'document.body.innerHTML = \'<img onerror="0">\'', /violates/],
];

const PAGE = '<!doctype html><link rel="icon" href="data:,"><body><script src="page.js"></script>';

describe.runIf(browserPath !== null)('a watched page', () => {
  let folder = '';
  let server: StaticServer;
  let browser: Browser;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'statecraft-watched-'));
    server = await serveFolder(folder, { 'content-security-policy': "script-src 'self'" });
    browser = await launch();
  });
  afterAll(async () => {
    await browser?.close();
    server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function opened(script: string): Promise<{ troubles: readonly string[]; page: Page }> {
    await writeFile(join(folder, 'page.js'), script);
    await writeFile(join(folder, 'index.html'), PAGE);
    const page = await browser.newPage();
    const troubles = watch(page);
    await page.goto(server.url);
    return { troubles, page };
  }

  it('that does nothing wrong is left alone', async () => {
    const { troubles, page } = await opened("console.log('fine')");
    await page.close();
    expect(troubles).toEqual([]);
  });

  it.each(MISDEEDS)('that %s is told on', async (_misdeed, script, told) => {
    const { troubles, page } = await opened(script);
    await expect.poll(() => troubles.join('\n')).toMatch(told);
    await page.close();
  });
});
