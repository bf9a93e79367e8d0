/**
 * Writes certificates and keys: never over an existing file, unless it is to be renewed. Then the new
 * files are complete and on the disk, beside the old ones, before they replace them.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { printable } from '../formats/printable.ts';
import { keepOwner, OWNER_DIRECTORY, OWNER_FILE } from '../node/file-mode.ts';
import { errorCode } from '../node/files.ts';
import { CertificateError } from './issue.ts';

interface NewFile {
  readonly path: string;
  readonly text: string;
  readonly isSecret: boolean;
}

const PUBLIC_MODE = 0o644;

/** All of them or none. @throws CertificateError when one is there */
export function writeNew(files: readonly NewFile[]): void {
  const made: string[] = [];
  try {
    for (const { path, text, isSecret } of files) {
      mkdirSync(dirname(path), { recursive: true, mode: OWNER_DIRECTORY });
      const file = openSync(path, 'wx', isSecret ? OWNER_FILE : PUBLIC_MODE);
      made.push(path);
      try {
        writeFileSync(file, text);
        fsyncSync(file);
      } finally {
        closeSync(file);
      }
    }
  } catch (error) {
    for (const path of made) rmSync(path, { force: true });
    throw refused(error, files[made.length]?.path ?? '');
  }
}

/** @throws CertificateError when none of them is there */
export function replaceOld(files: readonly NewFile[]): void {
  const [first] = files;
  if (first !== undefined && !files.some(({ path }) => existsSync(path))) {
    throw new CertificateError(
      `There is no ${printable(first.path)} to renew: leave out --renew to make it.`,
    );
  }
  const suffix = `.new-${randomBytes(4).toString('hex')}`;
  const aside = files.map((file) => ({ ...file, path: `${file.path}${suffix}` }));
  writeNew(aside);
  try {
    for (const { path } of files) {
      keepOwner(`${path}${suffix}`, path);
      renameSync(`${path}${suffix}`, path);
    }
  } catch (error) {
    for (const { path } of aside) rmSync(path, { force: true });
    throw refused(error, first?.path ?? '');
  }
}

function refused(error: unknown, path: string): unknown {
  const code = errorCode(error);
  if (code === undefined) return error;
  return new CertificateError(
    code === 'EEXIST'
      ? `${printable(path)} already exists, and was not changed: say --renew to renew it, or ` +
          'choose another --dir.'
      : `${printable(path)} cannot be written (${code}): check its directory, or choose another --dir.`,
    { cause: error },
  );
}
