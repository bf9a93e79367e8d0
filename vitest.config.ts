import { defineConfig } from 'vitest/config';

const PROCESSES = ['test/cluster/**/*.test.ts'];
const REAL_FAULTS = ['test/cluster/real-faults.test.ts'];
const BROWSER = ['test/browser/**/*.test.ts'];

/** What measures real processes has the machine for itself, so the groups run one after another. */
const group = (name: string, groupOrder: number, include: string[], exclude: string[]) => ({
  extends: true as const,
  test: { name, include, exclude, sequence: { groupOrder } },
});

const inBrowser = group('browser', 3, BROWSER, []);
const browser = {
  ...inBrowser,
  test: {
    ...inBrowser.test,
    globalSetup: 'test/browser/before-all-files.ts',
    testTimeout: 60_000,
  },
};

export default defineConfig({
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source', 'node', 'import', 'default'] } },
  test: {
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      group('one process', 0, ['test/**/*.test.ts'], [...PROCESSES, ...BROWSER]),
      group('processes', 1, PROCESSES, REAL_FAULTS),
      group('real faults', 2, REAL_FAULTS, []),
      browser,
    ],
  },
});
