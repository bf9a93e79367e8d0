/** The version of this software, from the package that holds it, built or not. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const VERSION = versionAbove(dirname(fileURLToPath(import.meta.url)));

function versionAbove(directory: string): string {
  const text = readOrNull(join(directory, 'package.json'));
  if (text !== null) return String((JSON.parse(text) as { version?: unknown }).version);
  const parent = dirname(directory);
  return parent === directory ? 'unknown' : versionAbove(parent);
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
