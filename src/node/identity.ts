/**
 * Whose directory it is: the file `identity`, written last when a directory is made and never
 * changed.
 */
import { StorageError } from '../host/errors.ts';
import type { Identity } from '../ports/storage.ts';
import { readCheckedFile, writeCheckedFile } from './checked-file.ts';
import type { Files } from './files.ts';

interface StoredIdentity extends Identity {
  /** Random, made with the directory. */
  readonly storageId: string;
}

const NAME = 'identity';

/** Durable when it resolves: from then on the directory belongs to a server. */
export function writeIdentity(
  files: Files,
  directory: string,
  { clusterId, serverId, storageId }: StoredIdentity,
): Promise<void> {
  return writeCheckedFile(files, directory, NAME, { clusterId, serverId, storageId });
}

/** Null when the directory has none: it was never finished. */
export function readIdentity(files: Files, directory: string): Promise<StoredIdentity | null> {
  return readCheckedFile(files, directory, NAME);
}

/** @throws StorageError when the directory is another server's, or another cluster's. */
export function assertIdentity(directory: string, found: StoredIdentity, wanted: Identity): void {
  if (found.clusterId !== wanted.clusterId) {
    throw new StorageError(
      `${directory} belongs to cluster ${found.clusterId}, not to ${wanted.clusterId}. A cluster is ` +
        'its name and the ids of its first servers: start with the same ones as before, or choose ' +
        'another directory.',
    );
  }
  if (found.serverId !== wanted.serverId) {
    throw new StorageError(
      `${directory} belongs to server ${found.serverId}, not to ${wanted.serverId}. A server never ` +
        `runs on a copy of another's directory: start ${found.serverId} here, or choose another one.`,
    );
  }
}
