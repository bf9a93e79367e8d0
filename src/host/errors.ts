/** Failures that a person has to act on. Each says who, what, which numbers, and what to do next. */

/** The storage cannot be used, or has failed: damaged, foreign, in use, full. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
}

/** The server cannot start as asked. */
export class StartError extends Error {
  override readonly name = 'StartError';
}
