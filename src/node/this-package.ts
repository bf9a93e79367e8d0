/** The package that holds this file, built or not: looked for when it is asked for. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export function packageFolder(directory = dirname(fileURLToPath(import.meta.url))): string {
  const parent = dirname(directory);
  const isFound = existsSync(join(directory, 'package.json')) || parent === directory;
  return isFound ? directory : packageFolder(parent);
}

/** `unknown` where the code was bundled without its package. */
export function packageVersion(): string {
  try {
    const manifest = readFileSync(join(packageFolder(), 'package.json'), 'utf8');
    return String((JSON.parse(manifest) as { version?: unknown }).version);
  } catch {
    return 'unknown';
  }
}
