/**
 * Making a data directory, and opening one: everything is checked before anything is changed
 * (docs/formats.md, "Data directory").
 */
import { join } from 'node:path';
import { nanoid } from 'nanoid';
import { type DurableHead, emptyHead } from '../../machines/rules/durable-state.ts';
import type { LogBase } from '../../machines/rules/log.ts';
import { StorageError } from '../host/errors.ts';
import type { Identity, Stored } from '../ports/storage.ts';
import { type Acknowledged, createAcknowledged, openAcknowledged } from './acknowledged.ts';
import { readCheckedFile, writeCheckedFile } from './checked-file.ts';
import { checksum } from './checksum.ts';
import { damaged } from './damage.ts';
import type { Files } from './files.ts';
import { SnapshotFiles } from './snapshot-files.ts';
import { repairTail } from './torn-writes.ts';
import { hasWrites, recoverLog } from './wal-recovery.ts';
import { type DirectoryLocation, type LogLocation, WriteAheadLog } from './write-ahead-log.ts';

/** The file that says whose directory it is: written last when it is made, and never changed. */
const IDENTITY = 'identity';

interface StoredIdentity extends Identity {
  /** Random, made with the directory. */
  readonly storageId: string;
}

/** A directory in use: its files, open. */
export interface DataDirectory {
  readonly log: WriteAheadLog;
  readonly acknowledged: Acknowledged;
  readonly snapshots: SnapshotFiles;
  readonly stored: Stored;
}

/** Null when it was never made, or not to the end. @throws StorageError when it cannot be used. */
export async function openDataDirectory(
  location: DirectoryLocation,
  wanted: Identity,
): Promise<DataDirectory | null> {
  const { files, directory } = location;
  const identity = await readIdentity(files, directory);
  if (identity === null) {
    await assertNeverUsed(location);
    return null;
  }
  assertIdentity(directory, identity, wanted);
  const { storageId } = identity;
  const logLocation = logLocationOf(location, storageId);
  const { tag } = logLocation;
  const acknowledged = await openAcknowledged(files, directory, tag);
  try {
    const recovered = await recoverLog(files, logLocation.directory, tag, acknowledged.found);
    const { head, entries } = recovered;
    const snapshots = new SnapshotFiles(files, join(directory, 'snapshots'));
    await snapshots.load(head.snapshot);
    const warnings = await repairTail(files, recovered, join(directory, 'torn'));
    const log = await WriteAheadLog.continue(logLocation, recovered);
    await acknowledged.record(head.lastWriteId);
    return { log, acknowledged, snapshots, stored: storedOf(storageId, head, entries, warnings) };
  } catch (error) {
    await acknowledged.close();
    throw error;
  }
}

/** A new one, in a directory that is empty or was made half. Durable when it resolves. */
export async function makeDataDirectory(
  location: DirectoryLocation,
  identity: Identity,
  base: LogBase,
): Promise<DataDirectory> {
  const { files, directory } = location;
  if ((await readIdentity(files, directory)) !== null) {
    throw new StorageError(
      `${directory} holds a server already: load it, or choose another directory.`,
    );
  }
  await assertNeverUsed(location);
  const storageId = nanoid();
  const logLocation = logLocationOf(location, storageId);
  const snapshotDirectory = join(directory, 'snapshots');
  for (const part of [logLocation.directory, snapshotDirectory]) {
    await files.makeDirectory(part);
    for (const name of (await files.list(part)) ?? []) await files.remove(join(part, name));
  }
  const log = await WriteAheadLog.create(logLocation, base);
  const acknowledged = await createAcknowledged(files, directory, logLocation.tag);
  const { clusterId, serverId } = identity;
  // Durable from here on: the directory belongs to a server.
  await writeCheckedFile(files, directory, IDENTITY, { clusterId, serverId, storageId });
  const snapshots = new SnapshotFiles(files, snapshotDirectory);
  return { log, acknowledged, snapshots, stored: storedOf(storageId, emptyHead(base), [], []) };
}

/** Null when the directory has none: it was never finished. */
function readIdentity(files: Files, directory: string): Promise<StoredIdentity | null> {
  return readCheckedFile(files, directory, IDENTITY);
}

/** @throws StorageError when the directory is another server's, or another cluster's. */
function assertIdentity(directory: string, found: StoredIdentity, wanted: Identity): void {
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

/** Without an identity there is nothing to lose: none was ever written, or this throws. */
async function assertNeverUsed({ files, directory }: DirectoryLocation): Promise<void> {
  if (!(await hasWrites(files, join(directory, 'wal')))) return;
  throw damaged(join(directory, IDENTITY), 'it is missing, although the log holds writes');
}

function logLocationOf(location: DirectoryLocation, storageId: string): LogLocation {
  return { ...location, directory: join(location.directory, 'wal'), tag: checksum(storageId) };
}

/** The commit index is a hint: the log may end before it. */
function storedOf(
  storageId: string,
  { lastIndex, ...head }: DurableHead,
  entries: Stored['entries'],
  warnings: Stored['warnings'],
): Stored {
  const commitIndex = Math.min(head.commitIndex, lastIndex);
  return { storageId, ...head, commitIndex, entries, warnings };
}
