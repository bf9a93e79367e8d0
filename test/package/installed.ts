/** The package as it was packed and installed before the first file. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';
import { ROOT, run } from './packed.ts';

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');

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

/** Compiles `main.ts` of that folder as strictly as a user may. What the compiler says: nothing. */
export async function compile(place: string): Promise<string> {
  const flags = ['--strict', '--skipLibCheck', 'false', '--target', 'es2023'];
  const modules = ['--module', 'nodenext', '--types', 'node', '--noErrorTruncation'];
  const { stdout } = await run(process.execPath, [TSC, ...flags, ...modules, 'main.ts'], {
    cwd: place,
  }).catch((error: { stdout: string }) => error);
  return stdout;
}
