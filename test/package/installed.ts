/** The package as it was packed and installed before the first file. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';

/** The folder it is installed in. @throws when it could not be packed or installed. */
export function packedFolder(): string {
  const trouble = inject('packTrouble');
  if (trouble !== '') throw new Error(trouble);
  return inject('packedFolder');
}

/** The package itself, unpacked. */
export function packedPackage(): string {
  return join(packedFolder(), 'node_modules/statecraft');
}

/** All of its files with that ending, by their paths in it. */
export function packedFiles(extension = ''): readonly string[] {
  return readdirSync(packedPackage(), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(extension))
    .map((entry) => join(entry.parentPath, entry.name).slice(packedPackage().length + 1));
}
