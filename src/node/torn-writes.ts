/**
 * What a crash left of a write nobody was told of: kept aside, for whoever wants to look at it, and
 * then removed from the log.
 */
import { basename, join } from 'node:path';
import { nanoid } from 'nanoid';
import type { Files } from './files.ts';
import type { Recovered, Tail } from './wal-recovery.ts';
import { fillWithZeros } from './wal-segment.ts';

/** Makes the log end where its last whole record does. Sentences that say what was cut off. */
export async function mendTails(
  files: Files,
  { tail, vain, head }: Recovered,
  asideDirectory: string,
): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (const torn of [tail, ...vain]) {
    const { path, offset, remains } = torn;
    if (remains.byteLength > 0) {
      const kept = await keepAside(files, torn, asideDirectory);
      warnings.push(
        `${path} ended with ${remains.byteLength} bytes of a write after number ${head.writeId}, at ` +
          `byte ${offset}, that a crash had torn. Nobody was told that it was done; it is cut off, ` +
          `and its bytes are kept in ${kept}.`,
      );
    }
    if (torn === tail) await erase(files, torn);
    else await files.remove(path);
  }
  return warnings;
}

async function keepAside(
  files: Files,
  { path, remains }: Tail,
  directory: string,
): Promise<string> {
  await files.makeDirectory(directory);
  const kept = join(directory, `${basename(path)}.${nanoid(8)}`);
  const file = await files.create(kept);
  try {
    await file.write(remains, 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  await files.syncDirectory(directory);
  return kept;
}

/** Zeros again, as before the write: nothing of it may ever be taken for a part of a later one. */
async function erase(files: Files, { path, offset, remains }: Tail): Promise<void> {
  if (remains.byteLength === 0) return;
  const file = await files.open(path);
  try {
    if (file !== null) await fillWithZeros(file, offset, offset + remains.byteLength);
  } finally {
    await file?.close();
  }
}
