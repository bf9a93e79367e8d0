import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { FULL_ONLY } from './test/tiers/tier.ts';

const PROCESSES = ['test/cluster/**/*.test.ts'];
const BROWSER = ['test/browser/**/*.test.ts'];
/** They share one package that is packed and installed. */
const PACKED = ['test/package/{checks,client-guide,contents,doors,examples,readme}.test.ts'];
/** How slow a machine is says nothing about what is tested on it: this ends only what hangs. */
const HANGS_AFTER_MS = 120_000;

/** `vitest run --mode quick` is the quick tier; any other mode runs whole (test/tiers/tier.ts). */
export default defineConfig(({ mode }) => {
  const tier = mode === 'quick' ? 'quick' : 'full';
  const group = (name: string, groupOrder: number, include: string[], exclude: string[] = []) => ({
    extends: true as const,
    test: {
      name,
      include,
      exclude: tier === 'quick' ? [...exclude, ...FULL_ONLY] : exclude,
      // Servers on loopback make a key there: not where the user of this machine has theirs.
      env: { STATECRAFT_TIER: tier, XDG_STATE_HOME: join(tmpdir(), 'statecraft-tests') },
      sequence: { groupOrder },
    },
  });
  const pure = group(
    'one process',
    0,
    ['test/**/*.test.ts'],
    [...PROCESSES, ...BROWSER, ...PACKED],
  );
  const packed = group('package', 1, PACKED);
  const browser = group('browser', 2, BROWSER);
  return {
    test: {
      pool: 'forks' as const,
      maxWorkers: availableParallelism(),
      // A quarter of the time is garbage collection: most of what is made is gone at once.
      execArgv: ['--max-semi-space-size=64'],
      reporters: ['default', ['./test/tiers/times-reporter.ts', { tier }]],
      testTimeout: HANGS_AFTER_MS,
      hookTimeout: HANGS_AFTER_MS,
      projects: [
        // What keeps no state of its own needs no process for each file: that costs 0.4 s a file.
        { ...pure, test: { ...pure.test, isolate: false } },
        group('processes', 1, PROCESSES),
        { ...packed, test: { ...packed.test, globalSetup: 'test/package/before-all-files.ts' } },
        // One browser for all of its files; it has processes enough of its own.
        {
          ...browser,
          test: {
            ...browser.test,
            isolate: false,
            maxWorkers: 1,
            globalSetup: 'test/browser/before-all-files.ts',
          },
        },
      ],
    },
  };
});
