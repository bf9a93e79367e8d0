/** The stations of a proposal and of an `AppendEntries` (docs/architecture.md) are in these files. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { read, root } from './source-files.ts';

const page = read('docs/architecture.md');
const stations = [...page.matchAll(/^\| \d+ \| .+? \| (.+?) \| .*$/gm)].map((row) =>
  [...(row[1] ?? '').matchAll(/`#?([^`]+)`/g)].map((match) => match[1] ?? ''),
);

/** Under `src` or `machines`, or in the folder of the file named before. */
function fileOf(name: string, folder: string): string | undefined {
  const places = [join('src', name), join('machines', name), name, join(folder, name)];
  return places.find((place) => existsSync(join(root, place)));
}

it('each names files that exist, and what is in them', () => {
  expect(stations.length).toBeGreaterThan(30);
  const wrong = stations.flatMap((words) => {
    let file = '';
    return words.filter((word) => {
      if (!word.endsWith('.ts')) return file === '' || !read(file).includes(word);
      file = fileOf(word, dirname(file)) ?? '';
      return file === '';
    });
  });
  expect(wrong).toEqual([]);
});
