/** The storage contract, kept by files: on the real disk, and on one that loses what was not synced. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { fileStorage } from '../../src/node/file-storage.ts';
import { storageContract } from '../../src/testing/storage-contract.ts';
import { MemoryFiles } from './memory-files.ts';

const segmentBytes = 4096;

storageContract({ describe, it }, 'files on this machine', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'statecraft-storage-'));
  return {
    open: () => fileStorage(join(directory, 'a'), { segmentBytes }),
    dispose: () => rm(directory, { recursive: true }),
  };
});

storageContract({ describe, it }, 'files on a disk that forgets what was not synced', () => {
  const files = new MemoryFiles();
  return {
    open: () => fileStorage('/data/a', { segmentBytes, files }),
    crash: () => files.crash(),
  };
});
