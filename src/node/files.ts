/**
 * What durable storage asks of a file system, and nothing more: so few verbs that a test can give
 * it one that fails, tears a write, or forgets what was not synced.
 */
import { constants, writeSync } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { OWNER_DIRECTORY, OWNER_FILE } from './file-mode.ts';

/**
 * What a write means: `cached`, durable only after `datasync`; `synced`, durable when it resolves, by
 * one call of the system where it has one, since each call is handed to a thread and back.
 */
export type WriteMode = 'cached' | 'synced';

export interface OpenFile {
  /** Up to `length` bytes from `offset`; fewer at the end of the file. */
  read(offset: number, length: number): Promise<Uint8Array>;
  /** All of `bytes`. */
  write(bytes: Uint8Array, offset: number): Promise<void>;
  /** The same at once, never durable: for a few bytes, since everything waits for it. */
  writeNow(bytes: Uint8Array, offset: number): void;
  /** What was written, and the size, are on the disk when it resolves. */
  datasync(): Promise<void>;
  size(): Promise<number>;
  close(): Promise<void>;
}

export interface Files {
  /** Opens for reading and writing; null when there is none. Default: `cached`. */
  open(path: string, mode?: WriteMode): Promise<OpenFile | null>;
  /** An empty file under that name, readable by its owner only; one that is there is emptied. */
  create(path: string, mode?: WriteMode): Promise<OpenFile>;
  /** Makes an empty file unless there is one, as one step; whether it did. */
  claim(path: string): Promise<boolean>;
  rename(from: string, to: string): Promise<void>;
  /** None is no error. */
  remove(path: string): Promise<void>;
  /** The names in a directory, sorted; null when there is no such directory. */
  list(directory: string): Promise<readonly string[] | null>;
  /** With its parents, durably; one that is there is no error. */
  makeDirectory(directory: string): Promise<void>;
  /** The names in the directory are on the disk when it resolves. */
  syncDirectory(directory: string): Promise<void>;
  /** Who may do what there, as of `chmod`; not told where there are no such rights. */
  modeOf?(path: string): Promise<number>;
}

/** The real file system. */
export const nodeFiles: Files = {
  async open(path, mode) {
    const flags = constants.O_RDWR | flagsOf(mode);
    const handle = await unlessCode('ENOENT', open(path, flags));
    return handle && openFile(handle, mode);
  },
  async create(path, mode) {
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC | flagsOf(mode);
    return openFile(await open(path, flags, OWNER_FILE), mode);
  },
  async claim(path) {
    const handle = await unlessCode('EEXIST', open(path, 'wx', OWNER_FILE));
    await handle?.close();
    return handle !== null;
  },
  rename,
  async remove(path) {
    await unlessCode('ENOENT', unlink(path));
  },
  async list(directory) {
    const names = await unlessCode('ENOENT', readdir(directory));
    return names?.sort() ?? null;
  },
  // Step by step: of a file system that is read-only, Node.js's own recursion says ENOENT.
  async makeDirectory(directory) {
    const found = await unlessCode('ENOENT', stat(directory));
    if (found?.isDirectory()) return;
    const parent = dirname(directory);
    if (found === null) await nodeFiles.makeDirectory(parent);
    try {
      await mkdir(directory, OWNER_DIRECTORY);
    } catch (error) {
      // Another server of this process may have made it meanwhile.
      if (!(await unlessCode('ENOENT', stat(directory)))?.isDirectory()) throw error;
    }
    await nodeFiles.syncDirectory(parent);
  },
  modeOf: async (path) => (await stat(path)).mode & 0o7777,
  async syncDirectory(directory) {
    const handle = await open(directory, constants.O_RDONLY);
    await handle.sync().finally(() => handle.close());
  },
};

/** Closes the file when it has been used, whether that fails or not. */
export async function withFile<Result>(
  file: OpenFile,
  use: (file: OpenFile) => Promise<Result>,
): Promise<Result> {
  try {
    return await use(file);
  } finally {
    await file.close();
  }
}

/** A file of exactly these bytes, which are on the disk when it resolves; its name is not yet. */
export async function writeWhole(files: Files, path: string, bytes: Uint8Array): Promise<void> {
  await withFile(await files.create(path), async (file) => {
    await file.write(bytes, 0);
    await file.datasync();
  });
}

/** The code of a failed system call, `EIO` say; undefined for any other error. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
}

async function unlessCode<T>(code: string, attempt: Promise<T>): Promise<T | null> {
  try {
    return await attempt;
  } catch (error) {
    if (errorCode(error) === code) return null;
    throw error;
  }
}

/** Elsewhere such a write may end in the disk's own memory, as on macOS, or there is none. */
const SYNCS_AS_IT_WRITES = process.platform === 'linux';

function flagsOf(mode: WriteMode = 'cached'): number {
  return mode === 'synced' && SYNCS_AS_IT_WRITES ? constants.O_DSYNC : 0;
}

function openFile(handle: FileHandle, mode: WriteMode = 'cached'): OpenFile {
  const syncsAfterwards = mode === 'synced' && !SYNCS_AS_IT_WRITES;
  return {
    async read(offset, length) {
      const bytes = new Uint8Array(Buffer.allocUnsafeSlow(length).buffer);
      let filled = 0;
      while (filled < length) {
        const { bytesRead } = await handle.read(bytes, filled, length - filled, offset + filled);
        if (bytesRead === 0) break;
        filled += bytesRead;
      }
      return bytes.subarray(0, filled);
    },
    async write(bytes, offset) {
      let done = 0;
      while (done < bytes.byteLength) {
        const left = bytes.byteLength - done;
        const { bytesWritten } = await handle.write(bytes, done, left, offset + done);
        done += bytesWritten;
      }
      if (syncsAfterwards) await handle.datasync();
    },
    writeNow(bytes, offset) {
      let done = 0;
      while (done < bytes.byteLength) {
        done += writeSync(handle.fd, bytes, done, bytes.byteLength - done, offset + done);
      }
    },
    datasync: () => handle.datasync(),
    size: async () => (await handle.stat()).size,
    close: () => handle.close(),
  };
}
