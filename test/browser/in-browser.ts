/** Suites in a real browser: one browser for all, a fresh profile per page, every page watched. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterEach, beforeAll, describe, expect, inject } from 'vitest';
import { sharedBrowser, testsNeedBrowser } from './browser.ts';
import { type Watching, watch } from './watch.ts';

/** Resolves with the page at that address; whatever it must not do fails the test. */
export type Open = (url: string, options?: Opening) => Promise<Page>;

export type Opening = BrowserContextOptions & Watching;

interface Watched {
  readonly page: Page;
  readonly troubles: readonly string[];
}

/** A page that keeps the test waiting longer is stuck. */
const PATIENCE_MS = 30_000;

export function inBrowser(title: string, suite: (open: Open) => void): void {
  describe.runIf(testsNeedBrowser)(title, () => {
    let browser: Browser | null = null;
    const watched: Watched[] = [];

    beforeAll(async () => {
      browser = await sharedBrowser();
      expect(inject('buildTrouble'), 'the pages are built').toBe('');
    });

    suite(async (url, { mayFail, ...options } = {}) => {
      const context = await (browser as Browser).newContext(options);
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      watched.push({ page, troubles: watch(page, mayFail === undefined ? {} : { mayFail }) });
      await page.goto(url);
      return page;
    });

    // After the suite's own, so that it runs first: a page must not outlive its server.
    afterEach(async () => {
      const troubles = await Promise.all(watched.splice(0).map(closed));
      expect(troubles.flat()).toEqual([]);
    });
  });
}

/** What it was still asking for when we closed it is no trouble of its own. */
const CUT_SHORT = /^request failed: .* net::ERR_ABORTED$/;

async function closed({ page, troubles }: Watched): Promise<readonly string[]> {
  const before = troubles.length;
  await page.context().close();
  return troubles.filter((trouble, at) => at < before || !CUT_SHORT.test(trouble));
}
