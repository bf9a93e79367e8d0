/** Loaded before a server (`node --import`): while its test says so, no sync of its disk ends. */
import { type FileHandle, open } from 'node:fs/promises';

export interface HeldDisk {
  readonly isHeld: boolean;
}

const handle = await open(import.meta.filename);
const prototype = Object.getPrototypeOf(handle) as FileHandle;
await handle.close();
const { datasync } = prototype;
let released = Promise.resolve();
let release = () => {};

async function syncWhenReleased(this: FileHandle): Promise<void> {
  await released;
  return datasync.call(this);
}
Object.defineProperty(prototype, 'datasync', { value: syncWhenReleased });

process.on('message', ({ isHeld }: Partial<HeldDisk>) => {
  if (isHeld === undefined) return;
  release();
  if (isHeld) {
    released = new Promise((resolve) => {
      release = resolve;
    });
  }
  process.send?.({ isHeld });
});
