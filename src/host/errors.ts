/** Failures that a person has to act on. Each says who, what, which numbers, and what to do next. */
import { valueText } from '../formats/value-text.ts';

/** The storage cannot be used, or has failed: damaged, foreign, in use, full. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}

/** What was thrown, as part of a sentence; never throws, whatever that was. */
export function reasonOf(cause: unknown): string {
  return wordsOf(cause).replace(/\.$/, '');
}

function wordsOf(cause: unknown): string {
  if (typeof cause === 'string') return cause;
  try {
    const { message } = cause as { readonly message: unknown };
    if (typeof message === 'string') return message;
  } catch {
    // Null, undefined, or a message that cannot be read.
  }
  return valueText(cause);
}

/** A write that failed may or may not be on the disk: the server stops, and a restart finds out. */
export function writeFailed(server: string, number: number, cause: unknown): StorageError {
  return new StorageError(
    `Server ${server} has stopped: write ${number} to its storage failed: ${reasonOf(cause)}. ` +
      'Check the disk, then start the server again: it continues from what is stored.',
    { cause },
  );
}

/** The server cannot start as asked. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** @param cause - of the storage, or of the state machine that reads or writes itself */
export function snapshotFailed(
  server: string,
  what: 'taken' | 'restored',
  { index, term }: { readonly index: number; readonly term: number },
  cause: unknown,
): Error {
  const sentence =
    `Server ${server} has stopped: a snapshot of everything through entry ${index} (term ${term}) ` +
    `could not be ${what}: ${reasonOf(cause)}. Fix the cause, then start the server again: it continues from ` +
    'what is stored.';
  if (cause instanceof StorageError) return new StorageError(sentence, { cause });
  return new Error(sentence, { cause });
}

/** A transport drops what it cannot send, and never throws: one that does is broken. */
export function transportFailed(server: string, cause: unknown): Error {
  return new Error(
    `Server ${server} has stopped: its transport failed: ${reasonOf(cause)}. ` +
      'Start the server again: it has lost nothing.',
    { cause },
  );
}
