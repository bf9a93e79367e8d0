/** Whether a local cluster starts for the first time (design: bootstrap and identity). */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { isFirstStart, layoutOf } from '../../src/cli/cluster-layout.ts';

let dataDir = '';

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'statecraft-layout-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

/** Asked when these servers' directories are there. */
async function isFirst(...present: readonly string[]): Promise<boolean> {
  for (const id of present) {
    await mkdir(join(dataDir, id));
    await writeFile(join(dataDir, id, 'identity'), '{}');
  }
  const ports = { clientPort: 7101, peerPort: 7201 };
  const options = { servers: 3, dataDir, clusterName: 'default', ...ports };
  return isFirstStart(options, layoutOf(options));
}

describe('a local cluster', () => {
  it('is bootstrapped when none of its directories exists', async () => {
    await expect(isFirst()).resolves.toBe(true);
  });

  it('goes on when all of them exist', async () => {
    await expect(isFirst('a', 'b', 'c')).resolves.toBe(false);
  });

  it('is not started when one of them is gone: it could vote twice', async () => {
    await expect(isFirst('a', 'b')).rejects.toThrow(/c is gone, but the data of a, b is still/);
  });
});
