/** docs/paper-map.md leads to what exists, and leaves no file of rules out. */
import { existsSync } from 'node:fs';
import { join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { filesBelow, read, root } from './source-files.ts';

const page = read('docs/paper-map.md');

/** Each linked source file with the names that stand behind it. */
const named = [...page.matchAll(/\[`[\w-]+\.ts`\]\(([^)]+)\)((?:,? `\w+`)*)/g)].map((match) => ({
  file: normalize(join('docs', match[1] ?? '')),
  names: [...(match[2] ?? '').matchAll(/`(\w+)`/g)].map((name) => name[1] ?? ''),
}));

const rows = page
  .split('\n')
  .filter((line) => /^\| (?!---)/.test(line) && !/\| Tests \|$/.test(line));

describe('the paper map', () => {
  it('names files that exist, and what is declared in them', () => {
    expect(named.length).toBeGreaterThan(0);
    const missing = named.flatMap(({ file, names }) => {
      if (!existsSync(join(root, file))) return [file];
      const text = read(file);
      return names
        .filter((name) => !isDeclared(name, text))
        .map((name) => `${file} does not declare ${name}`);
    });
    expect(missing).toEqual([]);
  });

  it('gives each rule a file and a test', () => {
    const bare = rows.filter((row) => !row.includes('.ts`](') || !row.includes('.test.ts)'));
    expect(bare).toEqual([]);
  });

  it('leaves no file of rules out', () => {
    const mapped = new Set(named.map(({ file }) => file));
    const left = filesBelow('machines').filter((file) => !mapped.has(file));
    expect(left.filter((file) => file.startsWith('machines/rules/'))).toEqual([]);
  });
});

function isDeclared(name: string, text: string): boolean {
  const declaration = `(?:function|const|class|interface|type) ${name}\\b|^ {2}${name}\\(`;
  return new RegExp(declaration, 'm').test(text);
}
