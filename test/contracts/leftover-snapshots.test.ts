/** What a crash leaves of snapshots that never came into force is gone after the next start (§7). */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fileStorage } from '../../src/node/file-storage.ts';
import { BASE, IDENTITY } from '../../src/testing/storage-model.ts';

it('deletes on load the chunks and files of snapshots that nobody points at', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'statecraft-leftover-'));
  const bytes = new Uint8Array(100).fill(7);
  try {
    const storage = fileStorage(directory, { segmentBytes: 64 * 1024 });
    await storage.load(IDENTITY);
    await storage.initialise(IDENTITY, BASE);
    await storage.writeChunk('whole', 0, bytes, true);
    await storage.writeChunk('begun', 0, bytes, false);
    expect(await readdir(join(directory, 'snapshots'))).toHaveLength(2);
    await storage.close();

    const again = fileStorage(directory, { segmentBytes: 64 * 1024 });
    expect(await again.load(IDENTITY)).not.toBeNull();
    expect(await readdir(join(directory, 'snapshots'))).toEqual([]);
    await again.close();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
