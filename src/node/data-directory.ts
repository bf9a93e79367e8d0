/**
 * Making a data directory, and opening one: everything is checked before anything is changed
 * (docs/formats.md, "Data directory").
 */
import { join } from 'node:path';
import { nanoid } from 'nanoid';
import type { LogBase } from '../../machines/rules/log.ts';
import { StorageError } from '../host/errors.ts';
import type { Identity, Stored } from '../ports/storage.ts';
import { Acknowledged } from './acknowledged.ts';
import { checksum } from './checksum.ts';
import { damaged } from './damage.ts';
import type { Files } from './files.ts';
import { assertIdentity, readIdentity, writeIdentity } from './identity.ts';
import { SnapshotFiles } from './snapshot-files.ts';
import { mendTails } from './torn-writes.ts';
import { hasWrites, recoverLog } from './wal-recovery.ts';
import { type LogPlace, WriteAheadLog } from './write-ahead-log.ts';

export interface DirectoryPlace {
  readonly files: Files;
  readonly directory: string;
  readonly segmentBytes: number;
  /** Something of no more use could not be deleted. */
  readonly leftOver?: (what: string, error: unknown) => void;
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
  place: DirectoryPlace,
  wanted: Identity,
): Promise<DataDirectory | null> {
  const { files, directory } = place;
  const identity = await readIdentity(files, directory);
  if (identity === null) {
    await assertHalfMade(place);
    return null;
  }
  assertIdentity(directory, identity, wanted);
  const logPlace = logPlaceOf(place, identity.storageId);
  const { acknowledged, number } = await Acknowledged.open(files, directory, logPlace.tag);
  try {
    const recovered = await recoverLog(files, logPlace.directory, logPlace.tag, number);
    const { head, entries } = recovered;
    const snapshots = new SnapshotFiles(files, join(directory, 'snapshots'));
    await snapshots.load(head.snapshot);
    const warnings = await mendTails(files, recovered, join(directory, 'torn'));
    const log = await WriteAheadLog.continue(logPlace, recovered);
    await acknowledged.record(head.writeId);
    const stored: Stored = {
      storageId: identity.storageId,
      lastWriteId: head.writeId,
      term: head.term,
      votedFor: head.votedFor,
      commitIndex: Math.min(head.commitIndex, head.lastIndex),
      base: head.base,
      entries,
      snapshot: head.snapshot,
      warnings,
    };
    return { log, acknowledged, snapshots, stored };
  } catch (error) {
    await acknowledged.close();
    throw error;
  }
}

/** A new one, in a directory that is empty or was made half. Durable when it resolves. */
export async function makeDataDirectory(
  place: DirectoryPlace,
  identity: Identity,
  base: LogBase,
): Promise<DataDirectory> {
  const { files, directory } = place;
  if ((await readIdentity(files, directory)) !== null) {
    throw new StorageError(
      `${directory} holds a server already: load it, or choose another directory.`,
    );
  }
  await assertHalfMade(place);
  const storageId = nanoid();
  const logPlace = logPlaceOf(place, storageId);
  const snapshotDirectory = join(directory, 'snapshots');
  for (const part of [logPlace.directory, snapshotDirectory]) {
    await files.makeDirectory(part);
    for (const name of (await files.list(part)) ?? []) await files.remove(join(part, name));
  }
  const log = await WriteAheadLog.create(logPlace, base);
  const acknowledged = await Acknowledged.create(files, directory, logPlace.tag);
  await writeIdentity(files, directory, { ...identity, storageId });
  const stored: Stored = {
    storageId,
    lastWriteId: 0,
    term: 0,
    votedFor: null,
    commitIndex: base.index,
    base,
    entries: [],
    snapshot: null,
    warnings: [],
  };
  return { log, acknowledged, snapshots: new SnapshotFiles(files, snapshotDirectory), stored };
}

/** Without an identity there is nothing to lose: none was ever written, or this throws. */
async function assertHalfMade({ files, directory }: DirectoryPlace): Promise<void> {
  if (!(await hasWrites(files, join(directory, 'wal')))) return;
  throw damaged(join(directory, 'identity'), 'it is missing, although the log holds writes');
}

function logPlaceOf(place: DirectoryPlace, storageId: string): LogPlace {
  return { ...place, directory: join(place.directory, 'wal'), tag: checksum(storageId) };
}
