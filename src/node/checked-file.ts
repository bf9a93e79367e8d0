/**
 * A small text file of which every byte counts: one line of JSON, and the checksum of that line in
 * eight hexadecimal digits. It is written whole, synced and renamed into place, so no crash damages
 * it; text, so that a person can read it.
 */
import { join } from 'node:path';
import { StorageError } from '../host/errors.ts';
import { checksum } from './checksum.ts';
import { damaged, unknownFormat } from './damage.ts';
import { type Files, withFile, writeWhole } from './files.ts';

const FORMAT = 1;
const BYTES_MAX = 1024 * 1024;

/** Replaces it, durably. @throws StorageError when it would be too large to be read again */
export async function writeCheckedFile(
  files: Files,
  directory: string,
  name: string,
  content: object,
): Promise<void> {
  const path = join(directory, name);
  const bytes = Buffer.from(textOf(JSON.stringify({ format: FORMAT, ...content })));
  if (bytes.byteLength > BYTES_MAX) {
    throw new StorageError(
      `${path} would have ${bytes.byteLength} bytes, more than the ${BYTES_MAX} that are read.`,
    );
  }
  await writeWhole(files, `${path}.partial`, bytes);
  await files.rename(`${path}.partial`, path);
  await files.syncDirectory(directory);
}

/**
 * Null when there is none.
 * @param mismatch - the error for a file whose checksum does not match
 * @throws StorageError
 */
export async function readCheckedFile<Content>(
  files: Files,
  directory: string,
  name: string,
  mismatch = (path: string) => damaged(path, 'its checksum does not match'),
): Promise<Content | null> {
  const path = join(directory, name);
  const file = await files.open(path);
  if (file === null) return null;
  const text = Buffer.from(await withFile(file, () => file.read(0, BYTES_MAX))).toString('utf8');
  const [line = ''] = text.split('\n');
  if (text !== textOf(line)) throw mismatch(path);
  const { format, ...content } = JSON.parse(line) as { readonly format: number };
  if (format !== FORMAT) throw unknownFormat(path, format, FORMAT);
  return content as Content;
}

function textOf(line: string): string {
  return `${line}\n${checksum(line).toString(16).padStart(8, '0')}\n`;
}
