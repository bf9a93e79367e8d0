/**
 * Loaded before a server (`node --import`): its disk is whole until a message over the channel to
 * its test says how it fails from then on. The server itself is the one that everybody runs.
 */
import { type FileHandle, open } from 'node:fs/promises';

/** `ENOSPC`: nothing can be written; `EIO`: what was written cannot be synced. */
export type DiskTrouble = 'ENOSPC' | 'EIO';

export interface DiskBreaks {
  readonly diskTrouble: DiskTrouble;
}

const CALLS = { ENOSPC: ['write', 'writev'], EIO: ['datasync', 'sync'] } as const;

async function breakDisk(trouble: DiskTrouble): Promise<void> {
  const handle = await open(import.meta.filename);
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  for (const call of CALLS[trouble]) {
    const refuse = async () => {
      throw Object.assign(new Error(`${trouble}: ${call}`), { code: trouble });
    };
    Object.defineProperty(prototype, call, { value: refuse });
  }
}

process.on('message', ({ diskTrouble }: Partial<DiskBreaks>) => {
  if (diskTrouble !== undefined) void breakDisk(diskTrouble);
});
