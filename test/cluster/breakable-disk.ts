/**
 * Loaded before a server (`node --import`): its disk is whole until a message over the channel to
 * its test says how it fails from then on. The server itself is the one that everybody runs.
 */
import { type FileHandle, open } from 'node:fs/promises';

/** `ENOSPC`: nothing can be written; `EIO`: what is written cannot be synced, then or later. */
export type DiskTrouble = 'ENOSPC' | 'EIO';

export interface DiskBreaks {
  readonly diskTrouble: DiskTrouble;
}

const CALLS = { ENOSPC: ['write', 'writev'], EIO: ['write', 'datasync', 'sync'] } as const;

const handle = await open(import.meta.filename);
const prototype = Object.getPrototypeOf(handle) as FileHandle;
await handle.close();

function breakDisk(trouble: DiskTrouble): void {
  for (const call of CALLS[trouble]) {
    const refuse = async () => {
      throw Object.assign(new Error(`${trouble}: ${call}`), { code: trouble });
    };
    Object.defineProperty(prototype, call, { value: refuse });
  }
}

process.on('message', ({ diskTrouble }: Partial<DiskBreaks>) => {
  if (diskTrouble === undefined) return;
  breakDisk(diskTrouble);
  process.send?.({ diskTrouble });
});
