/** The inspector as people meet it: the page of a real cluster of three processes. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RunningCluster } from '../cluster/running-cluster.ts';
import { builtPages } from './built-pages.ts';
import { inBrowser } from './in-browser.ts';

process.env.STATECRAFT_PAGES = builtPages;

inBrowser('the inspector', (open) => {
  let cluster: RunningCluster;
  let address = '';
  beforeAll(async () => {
    cluster = await RunningCluster.start({ flags: ['--inspect'] });
    [, address = ''] = await cluster.says(/^inspector: (\S+)$/m);
  });
  afterAll(async () => {
    await cluster?.stop();
  });

  it('says what it is', async () => {
    const page = await open(address);
    await expect(page.title()).resolves.toBe('Statecraft inspector');
    await page.getByRole('heading', { level: 1 }).waitFor();
  });
});
