/**
 * Whose directory it is: the file `identity`, written last when a directory is made and never
 * changed. Text, so that a person can read it; every byte of it counts.
 */
import { join } from 'node:path';
import { StorageError } from '../host/errors.ts';
import type { Identity } from '../ports/storage.ts';
import { checksum } from './checksum.ts';
import { damaged, unknownFormat } from './damage.ts';
import type { Files } from './files.ts';

export interface StoredIdentity extends Identity {
  /** Random, made with the directory. */
  readonly storageId: string;
}

const FORMAT = 1;
const NAME = 'identity';
/** Far above what a file of ours can be, far below what would hurt to read. */
const SIZE_MAX = 64 * 1024;

/** Durable when it resolves: from then on the directory is one. */
export async function writeIdentity(
  files: Files,
  directory: string,
  identity: StoredIdentity,
): Promise<void> {
  const aside = join(directory, `${NAME}.partial`);
  const file = await files.create(aside);
  try {
    await file.write(Buffer.from(textOf(identity)), 0);
    await file.datasync();
  } finally {
    await file.close();
  }
  await files.rename(aside, join(directory, NAME));
  await files.syncDirectory(directory);
}

/** Null when the directory has none: it was never finished. */
export async function readIdentity(
  files: Files,
  directory: string,
): Promise<StoredIdentity | null> {
  const path = join(directory, NAME);
  const file = await files.open(path);
  if (file === null) return null;
  try {
    return parse(path, Buffer.from(await file.read(0, SIZE_MAX)).toString('utf8'));
  } finally {
    await file.close();
  }
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

function textOf({ clusterId, serverId, storageId }: StoredIdentity): string {
  const content = JSON.stringify({ format: FORMAT, clusterId, serverId, storageId });
  return `${content}\n${checksum(content).toString(16).padStart(8, '0')}\n`;
}

function parse(path: string, text: string): StoredIdentity {
  const [content = '', sum] = text.split('\n');
  if (sum !== checksum(content).toString(16).padStart(8, '0')) {
    throw damaged(path, 'its checksum does not match');
  }
  const { format, ...identity } = JSON.parse(content) as StoredIdentity & { format: number };
  if (format !== FORMAT) throw unknownFormat(path, format, FORMAT);
  if (textOf(identity) !== text) throw damaged(path, 'it holds more than it should');
  return identity;
}
