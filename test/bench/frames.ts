/** (h) The playground's pictures: seven servers, ten scripted seconds, in a real browser. */
import type { Page } from 'playwright-core';
import { launch } from '../browser/browser.ts';
import { buildPage } from '../browser/built-pages.ts';
import { isThere } from '../browser/playground-page.ts';
import { serveFolder } from '../browser/static-server.ts';
import { percentile, print, repeated } from './figures.ts';

const TIMES = 3;
/** What is promised: with sixty pictures a second, hardly one of twenty is late. */
const FRAME_MS_MAX = 20;

/** Virtual milliseconds after the first leader, and what is done then. */
const SCRIPT = `
  const writes = Array.from({ length: 40 }, (_, at) => [at * 200, (leader) =>
    ({ type: 'put', server: leader, key: 'key ' + (at % 7), value: String(at) })]);
  const faults = [
    [2_000, (leader) => ({ type: 'crash', server: leader })],
    [4_000, () => ({ type: 'partition', groups: [['a', 'b', 'c'], ['d', 'e', 'f', 'g']] })],
    [6_000, () => ({ type: 'heal' })],
    [6_500, () => ({ type: 'restart', server: 'a' })],
    [8_000, (leader) => ({ type: 'takeSnapshot', server: leader })],
  ];
  const deeds = [...writes, ...faults].sort(([one], [other]) => one - other);
`;

/** In the page: plays for ten seconds of real time, and does each deed as its time comes. */
function played(speed: number): string {
  return `(async () => {
    ${SCRIPT}
    const leader = () => statecraft.frame().servers.find(({ role, condition }) =>
      role === 'leader' && condition === 'running')?.id ?? null;
    const picture = () => new Promise(requestAnimationFrame);
    statecraft.setSpeed(1);
    statecraft.play();
    while (leader() === null) await picture();
    statecraft.setSpeed(${speed});
    const from = statecraft.frame().atMs;
    const before = statecraft.frameTimes().length;
    const until = performance.now() + 10_000;
    while (performance.now() < until) {
      await picture();
      const now = statecraft.frame().atMs - from;
      while (deeds.length > 0 && deeds[0][0] * ${speed} <= now) {
        const [, deed] = deeds.shift();
        const target = leader();
        if (target === null) break;
        await statecraft.act(deed(target));
        statecraft.play();
      }
    }
    return statecraft.frameTimes().slice(before);
  })()`;
}

/** Frame times of each repetition. */
async function measure(page: Page, url: string, speed: number): Promise<readonly number[][]> {
  return repeated(TIMES, async () => {
    await page.goto('about:blank');
    await page.goto(`${url}#v=1&seed=7&servers=7&at=0`);
    await isThere(page);
    return page.evaluate<number[]>(played(speed));
  });
}

/** Prints them; a 95th percentile that is worse than promised ends the process with 1. */
export async function benchFrames(): Promise<void> {
  const server = await serveFolder(await buildPage('playground'));
  const browser = await launch();
  try {
    const page = await browser.newPage({ viewport: { width: 1600, height: 1000 } });
    for (const [name, speed] of Object.entries({ 'real time': 1, 'a tenth of it': 0.1 })) {
      const runs = await measure(page, server.url, speed);
      const rank = (share: number) => runs.map((times) => percentile(times, share));
      const late = percentile(rank(0.95), 0.5);
      print({
        what: `playground, 7 servers, ${name}, frames`,
        unit: '',
        values: runs.map(({ length }) => length),
      });
      print({ what: '  p50', unit: 'ms', values: rank(0.5) });
      const note = late <= FRAME_MS_MAX ? '' : `more than ${FRAME_MS_MAX} ms`;
      print({ what: '  p95', unit: 'ms', values: rank(0.95), note });
      print({ what: '  longest', unit: 'ms', values: rank(1) });
      if (late > FRAME_MS_MAX) process.exitCode = 1;
    }
  } finally {
    await browser.close();
    server.close();
  }
}
