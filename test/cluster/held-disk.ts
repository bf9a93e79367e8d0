/**
 * Loaded before a server (`node --import`): while its test says so, no write and no sync of its disk
 * ends. Whatever is written without a thread would go on, and show that the disk is not waited for.
 */
import { type FileHandle, open } from 'node:fs/promises';

export interface HeldDisk {
  readonly isHeld: boolean;
}

const handle = await open(import.meta.filename);
const prototype = Object.getPrototypeOf(handle) as FileHandle;
await handle.close();
let released = Promise.resolve();
let release = () => {};

type Call = (this: FileHandle, ...parameters: unknown[]) => Promise<unknown>;

for (const name of ['write', 'datasync'] as const) {
  const call = prototype[name] as Call;
  const whenReleased: Call = async function (...parameters) {
    await released;
    return call.apply(this, parameters);
  };
  Object.defineProperty(prototype, name, { value: whenReleased });
}

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
