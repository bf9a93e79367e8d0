import { defineConfig } from 'vitest/config';

const PROCESSES = ['test/cluster/**/*.test.ts'];
const REAL_FAULTS = ['test/cluster/real-faults.test.ts'];
const BROWSER = ['test/browser/**/*.test.ts'];
const PACKAGE = ['test/package/**/*.test.ts'];
/** How slow a machine is says nothing about what is tested on it: this ends only what hangs. */
const HANGS_AFTER_MS = 120_000;

/** What measures real processes has the machine for itself, so the groups run one after another. */
const group = (name: string, groupOrder: number, include: string[], exclude: string[]) => ({
  extends: true as const,
  test: { name, include, exclude, sequence: { groupOrder } },
});

const inBrowser = group('browser', 3, BROWSER, []);
const browser = {
  ...inBrowser,
  test: { ...inBrowser.test, globalSetup: 'test/browser/before-all-files.ts' },
};

const inPackage = group('package', 4, PACKAGE, []);
const packed = {
  ...inPackage,
  test: { ...inPackage.test, globalSetup: 'test/package/before-all-files.ts' },
};

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: HANGS_AFTER_MS,
    hookTimeout: HANGS_AFTER_MS,
    projects: [
      group('one process', 0, ['test/**/*.test.ts'], [...PROCESSES, ...BROWSER, ...PACKAGE]),
      group('processes', 1, PROCESSES, REAL_FAULTS),
      group('real faults', 2, REAL_FAULTS, []),
      browser,
      packed,
    ],
  },
});
