/** A file that replaces another stays with the owner of that: its server must still be able to read it. */
import { chownSync, statSync } from 'node:fs';

/** Before the renaming: a command that runs as root would take the file away from its server. */
export function keepOwner(aside: string, path: string): void {
  const before = statSync(path, { throwIfNoEntry: false });
  if (before === undefined || statSync(aside).uid === before.uid) return;
  chownSync(aside, before.uid, before.gid);
}
