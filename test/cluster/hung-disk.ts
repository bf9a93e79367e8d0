/**
 * Loaded before a server (`node --import`): once its test says so, a write and a sync of its disk hang
 * in the kernel, in a thread of libuv's, for ever: they open a pipe that nobody writes to.
 */
import { execFileSync } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import type { HeldDisk } from './held-disk.ts';

const pipe = `${process.argv[process.argv.indexOf('--data-dir') + 1]}.pipe`;

async function hang(): Promise<void> {
  execFileSync('mkfifo', [pipe]);
  const handle = await open(import.meta.filename);
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const never = async () => {
    await open(pipe);
  };
  for (const name of ['write', 'datasync'])
    Object.defineProperty(prototype, name, { value: never });
}

process.on('message', async ({ isHeld }: Partial<HeldDisk>) => {
  if (isHeld === undefined) return;
  await hang();
  process.send?.({ isHeld });
});
