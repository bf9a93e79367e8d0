import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { eventfulRun } from './eventful-run.ts';

const run = promisify(execFile);

const inAnotherProcess = async (environment: Record<string, string>): Promise<string> => {
  const { stdout } = await run(
    process.execPath,
    [
      '--import',
      'tsx',
      '--conditions=source',
      new URL('./eventful-main.ts', import.meta.url).pathname,
    ],
    { env: { ...process.env, ...environment }, cwd: new URL('../..', import.meta.url).pathname },
  );
  return stdout.trim();
};

describe('determinism (design: time and chance)', () => {
  it('the same seed gives the same trace, byte for byte', async () => {
    const [first, second] = [await eventfulRun(1), await eventfulRun(1)];
    expect(first.trace.length).toBeGreaterThan(100_000);
    expect(second.trace).toBe(first.trace);
    expect(second.hash).toBe(first.hash);
  });

  it('another seed gives another trace', async () => {
    expect((await eventfulRun(2)).hash).not.toBe((await eventfulRun(1)).hash);
  });

  it('two simulations in turns do not disturb each other', async () => {
    const [first, second] = await Promise.all([eventfulRun(1), eventfulRun(1)]);
    expect(first.hash).toBe(second.hash);
    expect(first.hash).toBe((await eventfulRun(1)).hash);
  });

  it('other processes, time zones and languages give the same trace', async () => {
    const here = (await eventfulRun(1)).hash;
    const there = await Promise.all([
      inAnotherProcess({ TZ: 'Asia/Kathmandu', LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8' }),
      inAnotherProcess({ TZ: 'America/Caracas', LANG: 'tr_TR.UTF-8', LC_ALL: 'tr_TR.UTF-8' }),
    ]);
    expect(there).toEqual([here, here]);
  });
});
