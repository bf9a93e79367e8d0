/** The playground as people meet it. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { folderOf } from './built-pages.ts';
import { inBrowser } from './in-browser.ts';
import { type StaticServer, serveFolder } from './static-server.ts';

inBrowser('the playground', (open) => {
  let server: StaticServer;
  beforeAll(async () => {
    server = await serveFolder(folderOf('playground'));
  });
  afterAll(() => server?.close());

  it('says what it is', async () => {
    const page = await open(server.url);
    await expect(page.title()).resolves.toBe('Statecraft playground');
    await page.getByRole('heading', { level: 1 }).waitFor();
  });
});
