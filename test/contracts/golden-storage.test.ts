/**
 * A data directory of the first day, checked in: it stays readable, and writable, for ever. A new
 * version of a format adds a directory beside this one and changes nothing in it.
 */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LogBase } from '../../machines/rules/log.ts';
import { fileStorage } from '../../src/node/file-storage.ts';
import {
  batchAfter,
  contentAfter,
  entriesOf,
  IDENTITY,
  type StorageContents,
  storedContentOf,
} from '../../src/testing/storage-model.ts';

const golden = fileURLToPath(new URL('./golden/storage-1', import.meta.url));
/** Spelled out: what this version would write today does not matter here. */
const base: LogBase = {
  index: 2,
  term: 1,
  time: 20,
  configuration: {
    servers: [
      { id: 'a', peerAddress: 'ws://a', votes: true },
      { id: 'b', peerAddress: 'ws://b', votes: true },
    ],
    next: null,
  },
  settings: { sessionExpiryMs: 3_600_000, sessionsMax: 10_000, answerBytesMax: 67_108_864 },
};
const expected: StorageContents = {
  lastWriteId: 4,
  term: 3,
  votedFor: null,
  commitIndex: 4,
  base,
  entries: [
    ...entriesOf(3, '2 2', 'new'),
    {
      index: 5,
      term: 2,
      time: 55.5,
      type: 'command',
      session: 4,
      sequence: 7,
      firstUnanswered: 6,
      bytes: Uint8Array.of(0, 127, 255),
    },
  ],
  snapshot: { id: 'first', sizeBytes: 14, ...base },
};

describe('a data directory of format 1', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'statecraft-golden-'));
    await cp(golden, directory, { recursive: true });
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('is read as it was written', async () => {
    const storage = fileStorage(directory);
    const loading = storage.load(IDENTITY);
    await expect(loading).resolves.not.toBeNull();
    const stored = await loading;
    expect(stored && storedContentOf(stored)).toEqual(expected);
    expect(stored?.storageId).toBe('5t5vL2JRwtfaWKhU9pX6O');
    expect(stored?.warnings).toEqual([]);
    const reader = await storage.openSnapshot('first');
    expect(new TextDecoder().decode(await reader.read(0, 100))).toBe('the state at 2');
    await reader.close();
    await storage.close();
  });

  it('is written to by this version, and read again', async () => {
    const storage = fileStorage(directory);
    await storage.load(IDENTITY);
    const batch = batchAfter(expected, { truncateFrom: 5, entries: entriesOf(5, '3 3') });
    await storage.write(batch);
    await storage.close();
    const again = fileStorage(directory);
    const stored = await again.load(IDENTITY);
    expect(stored && storedContentOf(stored)).toEqual(contentAfter(expected, batch));
    await again.close();
  });
});
