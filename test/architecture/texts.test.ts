/** What every file says of itself, and what none may say. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesBelow, read, root, sources, tests } from './source-files.ts';

const pages = [
  ...filesBelow('docs', '.md'),
  ...filesBelow('machines', '.md'),
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'],
];
const everything = [...sources, ...tests, ...pages].filter(
  (file) => file !== 'test/architecture/texts.test.ts',
);

/** Each file in whose text the pattern is found, with what was found. */
function found(files: readonly string[], pattern: RegExp): string[] {
  return files.flatMap((file) => {
    const [hit] = read(file).match(pattern) ?? [];
    return hit === undefined ? [] : [`${file}: ${hit}`];
  });
}

describe('texts', () => {
  it('every source file begins by saying what it is', () => {
    const silent = sources.filter((file) => !/^(?:#!.*\n)?\/\*\*[\s\S]{12}/.test(read(file)));
    expect(silent).toEqual([]);
  });

  it('no file leaves work behind', () => {
    expect(found(everything, /\b(?:TODO|FIXME|XXX|HACK)\b/)).toEqual([]);
  });

  it('no file knows the machine it was written on', () => {
    expect(found(everything, /(?<![\w.])\/(?:work|home|root|Users)\/\w+/)).toEqual([]);
  });

  it('every test runs, always, and once', () => {
    const narrowed = /\b(?:it|test|describe)(?:\.\w+)*\.(?:only|skip|todo|fails)\b|\bretry: \d/;
    expect(found(tests, narrowed)).toEqual([]);
  });

  it.each(pages)('%s links only to what is there', (page) => {
    const links = [...read(page).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
      .map((match) => match[1] ?? '')
      .filter((link) => !/^[a-z]+:/.test(link));
    const missing = links.filter((link) => !existsSync(join(root, dirname(page), link)));
    expect(missing).toEqual([]);
  });
});
