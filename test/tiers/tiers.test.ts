/** What the two tiers are made of. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { read, root, tests } from '../architecture/source-files.ts';
import { FULL_ONLY, inTier, isQuick } from './tier.ts';

const files = tests.filter((file) => file.endsWith('.test.ts'));

describe('the quick tier', () => {
  it('leaves out only files that exist, each named once', () => {
    expect(FULL_ONLY.filter((file) => !files.includes(file))).toEqual([]);
    expect([...new Set(FULL_ONLY)].sort()).toEqual([...FULL_ONLY].sort());
  });

  it('has tests of every folder', () => {
    const folders = readdirSync(join(root, 'test'));
    const quick = files.filter((file) => !FULL_ONLY.includes(file));
    const without = folders.filter(
      (name) => !quick.some((file) => file.startsWith(`test/${name}/`)),
    );
    expect(without).toEqual([]);
  });

  it('is what `npm test` runs, and `npm run test:full` and .ci/run leave out nothing', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    expect(scripts.test).toMatch(/vitest run --mode quick$/);
    expect(scripts['test:full']).toMatch(/vitest run$/);
    expect(read('.ci/run')).toContain('npm run test:full');
  });

  it('has less of what is counted, and everything else runs whole', () => {
    expect(process.env.STATECRAFT_TIER).toMatch(/^(quick|full)$/);
    expect(inTier({ quick: 1, full: 2 })).toBe(isQuick ? 1 : 2);
  });
});
