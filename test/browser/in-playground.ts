/** Suites in the playground: its pages are opened by links, whole or from the # on. */
import { afterAll, beforeAll } from 'vitest';
import { folderOf } from './built-pages.ts';
import { inBrowser, type Open } from './in-browser.ts';
import { type StaticServer, serveFolder } from './static-server.ts';

export function inPlayground(title: string, suite: (open: Open) => void): void {
  inBrowser(title, (open) => {
    let server: StaticServer;
    beforeAll(async () => {
      server = await serveFolder(folderOf('playground'));
    });
    afterAll(() => server?.close());
    suite((link, options) => open(new URL(link, server.url).href, options));
  });
}
