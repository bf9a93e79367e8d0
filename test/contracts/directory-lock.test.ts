/** A data directory belongs to one process, and to nobody once that process is dead. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startTimeIn } from '../../src/node/directory-lock.ts';
import { fileStorage } from '../../src/node/file-storage.ts';
import {
  BASE,
  batchAfter,
  emptyContent,
  entriesOf,
  IDENTITY,
} from '../../src/testing/storage-model.ts';

const segmentBytes = 4096;
let parent: string;
let directory: string;
let child: ChildProcess | null = null;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'statecraft-lock-'));
  directory = join(parent, 'a');
});

afterEach(async () => {
  child?.kill('SIGKILL');
  child = null;
  await rm(parent, { recursive: true });
});

const sourceOf = (path: string) =>
  JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href);

/** A process that has made the directory, holds it, and writes without end. */
async function holder(): Promise<ChildProcess> {
  const program = `
    const { fileStorage } = await import(${sourceOf('node/file-storage.ts')});
    const { BASE, IDENTITY, batchAfter, emptyContent, entriesOf } =
      await import(${sourceOf('testing/storage-model.ts')});
    const storage = fileStorage(${JSON.stringify(directory)}, { segmentBytes: ${segmentBytes} });
    await storage.initialise(IDENTITY, BASE);
    let content = emptyContent();
    for (let index = 1; ; index += 1) {
      const batch = batchAfter(content, { term: 1, entries: entriesOf(index, '1', 'y'.repeat(99)) });
      await storage.write(batch);
      content = { ...content, lastWriteId: batch.writeId, term: 1 };
      process.stdout.write(index + '\\n');
    }`;
  const options = ['--import', 'tsx', '--input-type=module', '-e', program];
  const cwd = new URL('../..', import.meta.url);
  child = spawn(process.execPath, options, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  return child;
}

describe('the lock of a data directory', () => {
  it('keeps a second process out, and names the first', async () => {
    const process = await holder();
    const written = once(process.stdout as NonNullable<typeof process.stdout>, 'data');
    expect(await Promise.race([written, once(process, 'close')])).toEqual([expect.any(Buffer)]);
    await expect(fileStorage(directory).load(IDENTITY)).rejects.toThrow(
      new RegExp(`in use by process ${process.pid}`),
    );
  });

  it('dies with a process that is killed, which loses nothing acknowledged', async () => {
    const process = await holder();
    let output = '';
    process.stdout?.on('data', (data) => {
      output += data;
      if (output.length > 1000) process.kill('SIGKILL');
    });
    await once(process, 'close');
    const acknowledged = Number(output.slice(0, output.lastIndexOf('\n')).split('\n').at(-1));
    const storage = fileStorage(directory, { segmentBytes });
    const stored = await storage.load(IDENTITY);
    expect(stored?.entries.length).toBeGreaterThanOrEqual(acknowledged);
    expect(stored?.entries.at(-1)?.index).toBe(stored?.entries.length);
    await storage.close();
  });

  it('keeps a second storage of the same process out, until the first is closed', async () => {
    const first = fileStorage(directory, { segmentBytes });
    await first.initialise(IDENTITY, BASE);
    const second = fileStorage(directory, { segmentBytes });
    await expect(second.load(IDENTITY)).rejects.toThrow(/in use by this very process/);
    await first.write(batchAfter(emptyContent(), { entries: entriesOf(1, '1') }));
    await first.close();
    expect((await second.load(IDENTITY))?.lastWriteId).toBe(1);
    await second.close();
    expect((await readdir(directory)).filter((name) => name.startsWith('lock-'))).toEqual([]);
  });

  it('is not held by a process that merely has the pid of a dead one', async () => {
    await mkdir(directory);
    const { pid } = process;
    const [own] = await namesOfOwnLock();
    const [, , , boot] = own?.split('-') ?? [];
    // Our pid with another start time, and with our start time at another boot.
    await writeFile(join(directory, `lock-${pid}-1-${boot}`), '');
    await writeFile(join(directory, `lock-${pid}-${own?.split('-')[2]}-0badb007`), '');
    const storage = fileStorage(directory, { segmentBytes });
    expect(await storage.load(IDENTITY)).toBeNull();
    expect((await readdir(directory)).filter((name) => name.startsWith('lock-'))).toEqual([own]);
    await storage.close();
  });

  it('is held by a killed process as long as a thread of it sleeps in the kernel', () => {
    const stat = (state: string, threads: number) =>
      `20523 (a) b) ${state} 1 1 1 0 -1 4 2 6 0 0 5 2 4 3 20 0 ${threads} 0 4434848 0 0 184467`;
    expect(startTimeIn(stat('S', 11))).toBe('4434848');
    expect(startTimeIn(stat('Z', 2))).toBe('4434848');
    expect(startTimeIn(stat('Z', 1))).toBeNull();
    expect(startTimeIn(stat('X', 1))).toBeNull();
  });

  it('guards files that only their owner may read', async () => {
    const storage = fileStorage(directory, { segmentBytes });
    await storage.initialise(IDENTITY, BASE);
    await storage.writeChunk('one', 0, new Uint8Array(3), true);
    expect((await stat(directory)).mode & 0o777).toBe(0o700);
    for (const name of ['identity', 'acknowledged', 'wal/00000001.wal', 'snapshots/one.snapshot']) {
      expect((await stat(join(directory, name))).mode & 0o777, name).toBe(0o600);
    }
    await storage.close();
  });

  async function namesOfOwnLock(): Promise<string[]> {
    const other = join(parent, 'other');
    const storage = fileStorage(other, { segmentBytes });
    await storage.initialise(IDENTITY, BASE);
    const names = (await readdir(other)).filter((name) => name.startsWith('lock-'));
    await storage.close();
    return names;
  }
});
