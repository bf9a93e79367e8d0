/** Notices when files have changed, and are no longer changing: repairs may take a while. */
import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../ports/clock.ts';

const FILE_CHECK_MS = 2_000;
/** A data directory has one of its own for the log, and one for snapshots. */
const DEPTH_MAX = 2;

/**
 * Calls back once, when two checks in a row agree and differ from the first. Returns what stops it.
 * @param look - what is compared
 */
export function watchServedFiles(
  look: () => Promise<string>,
  clock: Clock,
  onChanged: () => void,
): () => void {
  let first: string | null = null;
  let last: string | null = null;
  let isOver = false;
  let timer: unknown = null;
  const step = async () => {
    // A disk that hangs delays this check only.
    const found = await look();
    if (isOver) return;
    first ??= found;
    if (found === last && found !== first) {
      isOver = true;
      onChanged();
      return;
    }
    last = found;
    timer = clock.setTimeout(() => void step(), FILE_CHECK_MS);
  };
  void step();
  return () => {
    isOver = true;
    clock.clearTimeout(timer);
  };
}

/**
 * Names, sizes and times of all files; of what cannot be read, the error code.
 * @param paths - files, and directories with all that is in them
 */
export async function stateOf(paths: readonly string[]): Promise<string> {
  const states = await Promise.all([...new Set(paths)].sort().map((path) => stateOfOne(path, 0)));
  return states.join('\n');
}

/** Links inside a directory are not followed: they could lead in circles. */
async function stateOfOne(path: string, depth: number): Promise<string> {
  try {
    const found = await (depth === 0 ? stat(path) : lstat(path));
    const { mtimeMs, ctimeMs, size, ino, mode } = found;
    const own = `${path} ${ino} ${mode} ${size} ${mtimeMs} ${ctimeMs}`;
    if (!found.isDirectory() || depth === DEPTH_MAX) return own;
    const names = await readdir(path);
    const inside = names.sort().map((name) => stateOfOne(join(path, name), depth + 1));
    return [own, ...(await Promise.all(inside))].join('\n');
  } catch (error) {
    return `${path} ${(error as NodeJS.ErrnoException).code}`;
  }
}
