/** Messages for a data directory that cannot be used: all of them say what to do. */
import { StorageError } from '../host/errors.ts';
import { errorCode } from './files.ts';

const WHAT_TO_DO =
  'Going on could forget a vote or an acknowledged entry, so this server does not start. ' +
  'Check the disk, keep the directory for inspection, and restore exactly what was there when ' +
  'this server last ran, or treat the server as lost (docs/operations.md).';

/** Something that was durable has changed: rot, a lost file, an edit by hand. */
export function damaged(path: string, what: string): StorageError {
  return new StorageError(`${path} is damaged: ${what}. ${WHAT_TO_DO}`);
}

export function unknownFormat(path: string, found: number, known: number): StorageError {
  return new StorageError(
    `${path} is of format ${found}, but this version of Statecraft reads format ${known}. ` +
      'Nothing was changed: start it with the version that wrote it, or a newer one.',
  );
}

/** A system call failed; `what` says in which step, with its numbers. */
export function failed(what: string, cause: unknown): StorageError {
  const code = errorCode(cause);
  const reason = code ?? (cause instanceof Error ? cause.message : String(cause));
  const { path } = (cause ?? {}) as NodeJS.ErrnoException;
  const where = path === undefined || what.includes(path) ? '' : ` at ${path}`;
  return new StorageError(`${what} failed: ${reason}${where}. ${adviceFor(code)}`, { cause });
}

const ADVICE: readonly (readonly [codes: string, advice: string])[] = [
  ['ENOSPC EDQUOT', 'The disk is full: free some space, then start this server again.'],
  ['EACCES EPERM', 'Give this user permission to write there, then start this server again.'],
  [
    'EROFS',
    'The file system is mounted read-only, as the system does after an error of the disk: see its ' +
      'log, mount it writable, then start this server again.',
  ],
  [
    'EISDIR',
    'A directory is where a file of this server belongs: move it away, then start it again.',
  ],
  [
    'ENOTDIR EEXIST',
    'A file is where a directory of this server belongs: move it away or choose another directory, ' +
      'then start it again.',
  ],
  [
    'EFBIG',
    'A file may not be that large: raise the limit (ulimit -f), then start this server again.',
  ],
  ['EMFILE ENFILE', 'Raise the limit of open files, then start this server again.'],
];

/** What to do about a system call that failed, by its code. */
export function adviceFor(code = ''): string {
  const known = ADVICE.find(([codes]) => codes.split(' ').includes(code));
  return known?.[1] ?? 'Check the disk and the system log, then start this server again.';
}
