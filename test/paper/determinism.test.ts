import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { isQuick } from '../tiers/tier.ts';
import { eventfulRun } from './eventful-run.ts';

const run = promisify(execFile);

const root = new URL('../../', import.meta.url).pathname;
const main = new URL('./eventful-main.ts', import.meta.url).pathname;

interface FaultContext {
  readonly TZ: string;
  readonly language: string;
  /** In which the modules are loaded. */
  readonly order: 'forwards' | 'backwards';
  readonly nodeOptions: readonly string[];
}

const KATHMANDU: FaultContext = {
  TZ: 'Asia/Kathmandu',
  language: 'de_DE.UTF-8',
  order: 'forwards',
  nodeOptions: [],
};
const CARACAS: FaultContext = {
  TZ: 'America/Caracas',
  language: 'tr_TR.UTF-8',
  order: 'backwards',
  nodeOptions: ['--stack-size=1500', '--max-semi-space-size=1'],
};

/** The hashes of the runs' traces, as that process finds them. */
async function elsewhere(
  { TZ, language, order, nodeOptions }: FaultContext,
  ...seeds: readonly number[]
): Promise<readonly string[]> {
  const { stdout } = await run(
    process.execPath,
    [...nodeOptions, '--import', 'tsx', main, order, ...seeds.map(String)],
    { env: { ...process.env, TZ, LANG: language, LC_ALL: language }, cwd: root },
  );
  return stdout.trim().split('\n');
}

describe('determinism (design: time and chance)', () => {
  const first = eventfulRun(1);

  it('the same seed gives the same trace, byte for byte', async () => {
    const { trace, hash } = await first;
    const second = await eventfulRun(1);
    expect(trace.length).toBeGreaterThan(100_000);
    expect(second.trace).toBe(trace);
    expect(second.hash).toBe(hash);
  });

  it('two simulations in turns do not disturb each other', async () => {
    const [one, other] = await Promise.all([eventfulRun(1), eventfulRun(1)]);
    expect([one.hash, other.hash]).toEqual([(await first).hash, (await first).hash]);
  });

  it.runIf(!isQuick)(
    'other processes, time zones, languages and import orders give the same trace, another seed another',
    async () => {
      const { hash } = await first;
      const [there] = await elsewhere(KATHMANDU, 1);
      const [farther, another] = await elsewhere(CARACAS, 1, 2);
      expect([there, farther]).toEqual([hash, hash]);
      expect(another).toMatch(/^\w+$/);
      expect(another).not.toBe(hash);
    },
  );
});
