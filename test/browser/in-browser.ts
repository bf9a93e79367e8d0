/** Suites in a real browser: one browser per file, a fresh profile per page, every page watched. */
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, inject } from 'vitest';
import { launch, testsNeedBrowser } from './browser.ts';
import { type Watching, watch } from './watch.ts';

/** Resolves with the page at that address; whatever it must not do fails the test. */
export type Open = (url: string, options?: Opening) => Promise<Page>;

export type Opening = BrowserContextOptions & Watching;

/** A page that keeps the test waiting longer is stuck. */
const PATIENCE_MS = 30_000;

export function inBrowser(title: string, suite: (open: Open) => void): void {
  describe.runIf(testsNeedBrowser)(title, () => {
    let browser: Browser | null = null;
    const watched: { readonly page: Page; readonly troubles: readonly string[] }[] = [];

    beforeAll(async () => {
      browser = await launch();
      expect(inject('buildTrouble'), 'the pages are built').toBe('');
    });

    afterEach(async () => {
      const pages = watched.splice(0);
      await Promise.all(pages.map(({ page }) => page.context().close()));
      expect(pages.flatMap(({ troubles }) => troubles)).toEqual([]);
    });

    afterAll(async () => {
      await browser?.close();
    });

    suite(async (url, { mayFail, ...options } = {}) => {
      const context = await (browser as Browser).newContext(options);
      context.setDefaultTimeout(PATIENCE_MS);
      const page = await context.newPage();
      watched.push({ page, troubles: watch(page, mayFail === undefined ? {} : { mayFail }) });
      await page.goto(url);
      return page;
    });
  });
}
