/** Directories and files as Node.js makes them. */
import {
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

const O_DSYNC = 0o10000;

/** As the kernel knows the one descriptor of this process that is open for it. */
async function flagsOf(path: string): Promise<number> {
  for (const descriptor of await readdir('/proc/self/fd')) {
    const target = await readlink(`/proc/self/fd/${descriptor}`).catch(() => '');
    if (target !== path) continue;
    const info = await readFile(`/proc/self/fdinfo/${descriptor}`, 'utf8');
    return Number.parseInt(/^flags:\s+(\d+)/m.exec(info)?.[1] ?? '', 8);
  }
  throw new Error(`${path} is not open`);
}

describe.skipIf(process.platform !== 'linux')('what is written', () => {
  it.each(['create', 'open'] as const)(
    'is on the disk when a synced write resolves: the system syncs it as it writes (%s)',
    async (verb) => {
      const path = join(directory, `synced by ${verb}`);
      await writeFile(path, '');
      const file = await nodeFiles[verb](path, 'synced');
      expect((await flagsOf(path)) & O_DSYNC).toBe(O_DSYNC);
      await file?.write(new Uint8Array([1, 2, 3]), 2);
      expect([...(await readFile(path))]).toEqual([0, 0, 1, 2, 3]);
      await file?.close();
    },
  );

  it('is synced later otherwise, also when it is written at once', async () => {
    const path = join(directory, 'cached');
    const file = await nodeFiles.create(path);
    expect((await flagsOf(path)) & O_DSYNC).toBe(0);
    file.writeNow(new Uint8Array([4, 5]), 1);
    expect([...(await readFile(path))]).toEqual([0, 4, 5]);
    await file.close();
    expect(() => file.writeNow(new Uint8Array(1), 0)).toThrow(/EBADF|fd/);
  });
});
