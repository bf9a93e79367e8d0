/** The package that holds this file, built or not, and bundled or not. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const packageFolder = folderAbove(dirname(fileURLToPath(import.meta.url)));

export const VERSION = versionOf(join(packageFolder, 'package.json'));

function folderAbove(directory: string): string {
  const parent = dirname(directory);
  const isFound = existsSync(join(directory, 'package.json')) || parent === directory;
  return isFound ? directory : folderAbove(parent);
}

function versionOf(manifest: string): string {
  return String((JSON.parse(readFileSync(manifest, 'utf8')) as { version?: unknown }).version);
}
