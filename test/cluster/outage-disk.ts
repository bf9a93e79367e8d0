/**
 * Loaded before a server (`node --import`): while there is a file `outage` beside its data directory,
 * its disk can be neither read nor written. The server itself is the one that everybody runs.
 */
import { existsSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const directory = process.argv[process.argv.indexOf('--data-dir') + 1] ?? '';
const sign = join(dirname(directory), 'outage');

const handle = await open(import.meta.filename);
const prototype = Object.getPrototypeOf(handle) as FileHandle;
await handle.close();

type Call = (this: FileHandle, ...parameters: unknown[]) => Promise<unknown>;

for (const name of ['read', 'readFile', 'write', 'writev', 'datasync', 'sync'] as const) {
  const call = prototype[name] as Call;
  const attempt: Call = async function (...parameters) {
    if (!existsSync(sign)) return call.apply(this, parameters);
    throw Object.assign(new Error(`EIO: ${name}`), { code: 'EIO' });
  };
  Object.defineProperty(prototype, name, { value: attempt });
}
