/** Directories as Node.js makes them. */
import { mkdtemp, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { nodeFiles } from '../../src/node/files.ts';

let directory = '';
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'statecraft-files-'));
});
afterAll(() => rm(directory, { recursive: true }));

it('are made once, however many ask for them at a time', async () => {
  const deep = join(directory, 'one/two/three');
  await Promise.all(Array.from({ length: 20 }, () => nodeFiles.makeDirectory(deep)));
  expect((await stat(deep)).isDirectory()).toBe(true);
});

it.each([
  ['a link to nowhere', (path: string) => symlink('nowhere', path)],
  ['a file', (path: string) => writeFile(path, '')],
])('are not taken to be there where %s is', async (what, make) => {
  const path = join(directory, what);
  await make(path);
  await expect(nodeFiles.makeDirectory(path)).rejects.toThrow(/EEXIST/);
});
