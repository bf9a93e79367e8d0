/**
 * `npm run screenshots`: what the two pages look like, light and dark, for README and guides. The
 * playground's moment is the same each time; the inspector's is of a real cluster just now.
 */
import { mkdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { fragmentOf } from '../../src/playground/link.ts';
import type { ScriptedAction } from '../../src/playground/script.ts';
import { RunningCluster } from '../cluster/running-cluster.ts';
import { launch } from './browser.ts';
import { buildPage, builtPages } from './built-pages.ts';
import { cardOf, showsLeader } from './inspected-cluster.ts';
import { isAt } from './playground-page.ts';
import { serveFolder } from './static-server.ts';

const FOLDER = resolve(import.meta.dirname, '../../docs/pictures');
const BYTES_MAX = 250_000;
const DESKTOP = { width: 1440, height: 880 };
const PHONE = { width: 390, height: 844 };
const WRITES = 8;

/** Twice the same, in both themes. */
async function shoot(
  browser: Browser,
  name: string,
  viewport: { width: number; height: number },
  arrive: (page: Page) => Promise<void>,
): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    const page = await browser.newPage({ viewport, colorScheme, reducedMotion: 'reduce' });
    await arrive(page);
    const path = join(FOLDER, `${name}-${colorScheme}.png`);
    await page.screenshot({ path, animations: 'disabled' });
    await page.close();
    const { size } = await stat(path);
    if (size > BYTES_MAX) throw new Error(`${path} has ${size} bytes; ${BYTES_MAX} are the limit`);
    process.stdout.write(`${path}  ${Math.round(size / 1_000)} kB\n`);
  }
}

/** The leader has crashed with a write under way, and three servers stand for election. */
const DEEDS: readonly ScriptedAction[] = [
  { after: 100, action: { type: 'put', server: 'e', key: 'colour', value: 'blue' } },
  { after: 125, action: { type: 'put', server: 'e', key: 'shape', value: 'circle' } },
  { after: 150, action: { type: 'crash', server: 'e' } },
];
const AT = 240;

async function playground(browser: Browser): Promise<void> {
  const server = await serveFolder(await buildPage('playground'));
  const script = { seed: 7, servers: 5, scenario: null, actions: DEEDS };
  const link = fragmentOf({ script, at: AT, selected: null, speed: null });
  const arrive = async (page: Page) => {
    await page.goto(`${server.url}#${link}`);
    await isAt(page, AT);
  };
  await shoot(browser, 'playground', DESKTOP, arrive);
  await shoot(browser, 'playground-phone', PHONE, arrive);
  server.close();
}

async function inspector(browser: Browser): Promise<void> {
  await buildPage('inspector');
  process.env.STATECRAFT_PAGES = builtPages;
  const cluster = await RunningCluster.start({ flags: ['--inspect'] });
  try {
    await shoot(browser, 'inspector', DESKTOP, async (page) => {
      const { id } = await cluster.leader();
      const endpoint = cluster.endpoints[cluster.ids.indexOf(id)];
      await page.goto(`${endpoint}/inspect`);
      await showsLeader(page);
      for (let write = 0; write < WRITES; write += 1) {
        await fetch(`${endpoint}/v1/kv/colour`, { method: 'PUT', body: `blue ${write}` });
      }
      await cardOf(page, id).click();
      await cardOf(page, id).and(page.locator('[aria-pressed="true"]')).waitFor();
      await page
        .getByRole('region', { name: 'Statechart' })
        .first()
        .getByText('leader')
        .first()
        .waitFor();
    });
  } finally {
    await cluster.stop();
  }
}

await mkdir(FOLDER, { recursive: true });
const browser = await launch();
try {
  await playground(browser);
  await inspector(browser);
} finally {
  await browser.close();
}
