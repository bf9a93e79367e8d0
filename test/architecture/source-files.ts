/** The files of this repository as the architecture tests look at them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

export const root = join(import.meta.dirname, '../..');

export function read(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Every file below the folder, by its path from the root, sorted. */
export function filesBelow(folder: string, extension = '.ts'): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((name) => relative(root, join(root, folder, name)))
    .filter((path) => path.endsWith(extension) && statSync(join(root, path)).isFile())
    .sort();
}

/** The code that ships. */
export const sources = [
  ...filesBelow('machines'),
  ...filesBelow('src'),
  ...filesBelow('src', '.tsx'),
];

export const tests = filesBelow('test');

/** Without comments and the contents of strings, so that words in them do not count. */
export function codeOf(path: string): string {
  return read(path)
    .replaceAll(/\/\*[\s\S]*?\*\//g, '')
    .replaceAll(/(^|\s)\/\/.*$/gm, '')
    .replaceAll(/'(?:[^'\\\n]|\\.)*'/g, "''");
}

export interface Import {
  readonly from: string;
  readonly isType: boolean;
}

/** What a file imports or exports again, and whether only as types. */
export function importsOf(path: string): readonly Import[] {
  const text = read(path).replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const statements = /^(?:import|export)\s+(type\s)?(?:[\w*{][^;']*?\sfrom\s+)?'([^']+)';/gm;
  const found = [...text.matchAll(statements)].map((match) => ({
    from: match[2] ?? '',
    isType: match[1] !== undefined,
  }));
  const later = [...text.matchAll(/\bimport\('([^']+)'\)/g)].map((match) => ({
    from: match[1] ?? '',
    isType: false,
  }));
  return [...found, ...later];
}
