/** How long each suite takes: kept from run to run, and told as a table. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepTimes, readTimes, tableOf } from './times.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statecraft-times-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('what the suites took', () => {
  it('is nothing before the first run', () => {
    expect(readTimes(join(folder, 'none.json'))).toEqual({ quick: {}, full: {} });
  });

  it('is kept for each tier, and a run of some files leaves the others as they were', () => {
    const path = join(folder, 'new/times.json');
    keepTimes('full', { 'test/a/one.test.ts': { tests: 1, ms: 10 } }, path);
    keepTimes('full', { 'test/a/two.test.ts': { tests: 2, ms: 20 } }, path);
    keepTimes('full', { 'test/a/one.test.ts': { tests: 3, ms: 30 } }, path);
    keepTimes('quick', { 'test/a/one.test.ts': { tests: 1, ms: 5 } }, path);
    expect(readTimes(path)).toEqual({
      quick: { 'test/a/one.test.ts': { tests: 1, ms: 5 } },
      full: {
        'test/a/one.test.ts': { tests: 3, ms: 30 },
        'test/a/two.test.ts': { tests: 2, ms: 20 },
      },
    });
  });

  it('is a row for each folder, the slowest first, and their sum', () => {
    const table = tableOf({
      quick: { 'test/a/one.test.ts': { tests: 2, ms: 1_240 } },
      full: {
        'test/a/one.test.ts': { tests: 2, ms: 2_000 },
        'test/a/two.test.ts': { tests: 1_000, ms: 500 },
        'test/b/three.test.ts': { tests: 1, ms: 60_000 },
      },
    });
    expect(table.split('\n').slice(2)).toEqual([
      '| test/b | – | – | 1 | 60.0 |',
      '| test/a | 2 | 1.2 | 1,002 | 2.5 |',
      '| all | 2 | 1.2 | 1,003 | 62.5 |',
    ]);
  });
});
