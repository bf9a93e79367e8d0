/** Who may do what with a file, as of `chmod`, and whose it is. */
import { chownSync, statSync } from 'node:fs';

/** Read and written by its owner alone. */
export const OWNER_FILE = 0o600;
export const OWNER_DIRECTORY = 0o700;
/** Anything at all by its group or by others. */
export const OTHERS = 0o077;
/** Changed by its group or by others. */
export const OTHERS_WRITE = 0o022;

/** As `chmod` takes it: `644`. */
export function modeText(mode: number): string {
  return (mode & 0o777).toString(8);
}

/**
 * A file that replaces another stays with the owner of that: its server must still be able to read it,
 * and a command that runs as root would take it away. Call it before the renaming.
 */
export function keepOwner(aside: string, path: string): void {
  const before = statSync(path, { throwIfNoEntry: false });
  if (before === undefined || statSync(aside).uid === before.uid) return;
  chownSync(aside, before.uid, before.gid);
}
