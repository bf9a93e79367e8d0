/**
 * The file of a cluster's key (docs/formats.md, "Cluster key"): text, readable by its owner only.
 *
 *     # statecraft cluster key: whoever has it is a server of the cluster
 *     key 3q2-7w…            preferred, and accepted
 *     next 9f86d0…           accepted: the key that will be preferred
 *
 * A key is replaced in three steps, each on every server before the next begins: the new one is
 * accepted, then preferred, then the old one is dropped. So there are always two servers that agree.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { StartError } from '../host/errors.ts';
import { CLUSTER_KEY_BYTES, type ClusterKey, clusterKeyOf } from './cluster-key.ts';
import { adviceFor } from './damage.ts';
import { keepOwner, modeText, OTHERS, OWNER_DIRECTORY, OWNER_FILE } from './file-mode.ts';
import { errorCode } from './files.ts';

/** `next` waits to be preferred, `previous` to be dropped; there is at most one of them. */
interface ClusterKeyFile {
  readonly key: Uint8Array;
  readonly next?: Uint8Array;
  readonly previous?: Uint8Array;
}

const SIZE_MAX = 4 * 1024;
const HEAD = '# statecraft cluster key: whoever has it is a server of the cluster\n';
const LINE = /^(key|next|previous) ([A-Za-z0-9_-]{43})$/;

/** Its keys, the preferred one first. @throws StartError with what is wrong, never with the key */
export function readClusterKeys(path: string): readonly ClusterKey[] {
  const { key, next, previous } = readClusterKeyFile(path);
  return [key, next, previous].filter((secret) => secret !== undefined).map(clusterKeyOf);
}

/** @throws StartError */
function readClusterKeyFile(path: string): ClusterKeyFile {
  const lines = readPrivately(path)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const secrets = new Map(
    lines.map((line): [string, Uint8Array] => {
      const [, role = '', text = ''] = LINE.exec(line) ?? [];
      const secret = Buffer.from(text, 'base64url');
      if (secret.byteLength !== CLUSTER_KEY_BYTES) throw notAKey(path);
      return [role, secret];
    }),
  );
  const { key, ...others } = Object.fromEntries(secrets);
  if (key === undefined || secrets.size !== lines.length || secrets.size > 2) throw notAKey(path);
  return { key, ...others };
}

/** Makes one with a new key unless there is one, as one step; whether it did. @throws StartError */
export function makeClusterKeyFile(path: string): boolean {
  return withClearErrors(path, () => {
    mkdirSync(dirname(path), { recursive: true, mode: OWNER_DIRECTORY });
    try {
      // A link, unlike a renaming, leaves a file alone that somebody has made meanwhile.
      write(path, { key: newSecret() }, (aside) => linkSync(aside, path));
      return true;
    } catch (error) {
      if (errorCode(error) === 'EEXIST') return false;
      throw error;
    }
  });
}

export type RotationStep = 'added' | 'preferred' | 'dropped';

/** The next of the three steps, in place. @throws StartError */
export function rotateClusterKeyFile(path: string): RotationStep {
  const { key, next, previous } = readClusterKeyFile(path);
  if (next !== undefined) {
    replace(path, { key: next, previous: key });
    return 'preferred';
  }
  replace(path, previous === undefined ? { key, next: newSecret() } : { key });
  return previous === undefined ? 'added' : 'dropped';
}

function newSecret(): Uint8Array {
  return randomBytes(CLUSTER_KEY_BYTES);
}

function replace(path: string, file: ClusterKeyFile): void {
  withClearErrors(path, () =>
    write(path, file, (aside) => {
      keepOwner(aside, path);
      renameSync(aside, path);
    }),
  );
}

/** Aside, under a name that no other process has: a crash may have left another. Then puts it in place. */
function write(path: string, file: ClusterKeyFile, putInPlace: (aside: string) => void): void {
  const aside = `${path}.${randomBytes(6).toString('hex')}.partial`;
  try {
    writeFileSync(aside, textOf(file), { flag: 'wx', mode: OWNER_FILE, flush: true });
    putInPlace(aside);
  } finally {
    rmSync(aside, { force: true });
  }
}

function textOf(file: ClusterKeyFile): string {
  const lines = Object.entries(file).map(
    ([role, secret]) => `${role} ${Buffer.from(secret).toString('base64url')}\n`,
  );
  return HEAD + lines.join('');
}

/** @throws StartError unless it is a file that only its owner may read */
function readPrivately(path: string): string {
  return withClearErrors(path, () => {
    // Not blocking: what is there may be a pipe.
    const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const stats = fstatSync(descriptor);
      const { mode, size } = stats;
      if (stats.isDirectory()) throw notAFile(path);
      if (!stats.isFile() || size > SIZE_MAX) throw notAKey(path);
      if ((mode & OTHERS) !== 0) throw tooOpen(path, mode);
      return readFileSync(descriptor, 'utf8');
    } finally {
      closeSync(descriptor);
    }
  });
}

function withClearErrors<Result>(path: string, attempt: () => Result): Result {
  try {
    return attempt();
  } catch (error) {
    if (error instanceof StartError) throw error;
    const code = errorCode(error);
    if (code === 'ENOENT') {
      throw new StartError(
        `There is no cluster key at ${path}: make one with statecraft key new ${path}, or copy the ` +
          "cluster's from another server.",
        { cause: error },
      );
    }
    throw new StartError(
      `The cluster key at ${path} cannot be used: ${code ?? String(error)}. ${adviceFor(code)}`,
      { cause: error },
    );
  }
}

function tooOpen(path: string, mode: number): StartError {
  return new StartError(
    `The cluster key at ${path} may be read or changed by others (mode ` +
      `0${modeText(mode)}): whoever has it can be any server. If nobody did, chmod 600 ` +
      `${path}; otherwise replace it on every server.`,
  );
}

function notAFile(path: string): StartError {
  return new StartError(
    `${path} is a directory, and a cluster key is a file: move it away, or name the file.`,
  );
}

function notAKey(path: string): StartError {
  return new StartError(
    `${path} is not a cluster key: it holds one line "key", and while one replaces another a line ` +
      '"next" or "previous", each with 43 characters that statecraft key new has made. A passphrase ' +
      'is not a key.',
  );
}
