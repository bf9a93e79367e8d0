/** What a crash left of a write that was never acknowledged: saved for inspection, then removed. */
import { basename, join } from 'node:path';
import { nanoid } from 'nanoid';
import { type Files, withFile, writeWhole } from './files.ts';
import type { Recovered, Tail } from './wal-recovery.ts';
import { fillWithZeros } from './wal-segment.ts';

/** Makes the log end where its last whole record does. Returns sentences that say what was cut off. */
export async function repairTail(
  files: Files,
  { tail, emptySegments, head }: Recovered,
  directory: string,
): Promise<readonly string[]> {
  const warnings: string[] = [];
  for (const torn of [tail, ...emptySegments]) {
    const { path, offset, trailingBytes } = torn;
    if (trailingBytes.byteLength > 0) {
      const kept = await saveTornBytes(files, torn, directory);
      warnings.push(
        `${path} ended with ${trailingBytes.byteLength} bytes of a write after number ` +
          `${head.lastWriteId}, at byte ${offset}, that a crash had torn. It was never ` +
          `acknowledged; it is cut off, and its bytes are kept in ${kept}.`,
      );
    }
    if (torn === tail) await erase(files, torn);
    else await files.remove(path);
  }
  return warnings;
}

async function saveTornBytes(
  files: Files,
  { path, trailingBytes }: Tail,
  directory: string,
): Promise<string> {
  await files.makeDirectory(directory);
  const kept = join(directory, `${basename(path)}.${nanoid(8)}`);
  await writeWhole(files, kept, trailingBytes);
  await files.syncDirectory(directory);
  return kept;
}

/** Zeros again, as before the write: nothing of it may ever be taken for a part of a later one. */
async function erase(files: Files, { path, offset, trailingBytes }: Tail): Promise<void> {
  const file = trailingBytes.byteLength === 0 ? null : await files.open(path, 'synced');
  if (file === null) return;
  await withFile(file, () => fillWithZeros(file, offset, offset + trailingBytes.byteLength));
}
