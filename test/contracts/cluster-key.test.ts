/** A cluster's key: a file that its owner alone can read, and that never ends up in a message. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { StartError } from '../../src/host/errors.ts';
import { clusterKeyOf } from '../../src/node/cluster-key.ts';
import {
  makeClusterKeyFile,
  readClusterKeys,
  rotateClusterKeyFile,
} from '../../src/node/cluster-key-file.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'statecraft-key-'));
  path = join(directory, 'below', 'cluster.key');
});
afterEach(() => rmSync(directory, { recursive: true }));

const namesIn = (file: string) => readClusterKeys(file).map(({ name }) => name);

describe('a key file', () => {
  it('is made once, for its owner only', () => {
    expect(makeClusterKeyFile(path)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const [name] = namesIn(path);
    expect(makeClusterKeyFile(path)).toBe(false);
    expect(namesIn(path)).toEqual([name]);
  });

  it('is made and replaced beside what a crash has left of another attempt', () => {
    mkdirSync(join(directory, 'below'));
    writeFileSync(`${path}.${process.pid}.partial`, 'half a key');
    expect(makeClusterKeyFile(path)).toBe(true);
    expect(rotateClusterKeyFile(path)).toBe('added');
    const others = readdirSync(join(directory, 'below')).filter((name) => name !== 'cluster.key');
    expect(others).toEqual([`cluster.key.${process.pid}.partial`]);
  });

  it('is another one every time', () => {
    makeClusterKeyFile(path);
    makeClusterKeyFile(`${path}.2`);
    expect(namesIn(path)).not.toEqual(namesIn(`${path}.2`));
  });

  it('is replaced in three steps, so that there are always two servers that agree', () => {
    makeClusterKeyFile(path);
    const [old] = namesIn(path);
    expect(rotateClusterKeyFile(path)).toBe('added');
    const [preferred, added] = namesIn(path);
    expect(preferred).toBe(old);
    expect(rotateClusterKeyFile(path)).toBe('preferred');
    expect(namesIn(path)).toEqual([added, old]);
    expect(rotateClusterKeyFile(path)).toBe('dropped');
    expect(namesIn(path)).toEqual([added]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });
});

describe('what is no key file is refused, with a sentence that does not tell what is in it', () => {
  const SECRET = 'correct horse battery staple';
  const good = `key ${'A'.repeat(43)}\n`;

  test.each<[string, string, RegExp]>([
    ['a passphrase', SECRET, /A passphrase is not a key/],
    ['a passphrase behind the word', `key ${SECRET}`, /43 characters/],
    ['an empty file', '', /holds one line "key"/],
    ['two keys of the same name', good + good, /holds one line "key"/],
    [
      'a next and a previous one',
      `${good}next ${'B'.repeat(42)}A\nprevious ${'C'.repeat(42)}A\n`,
      /or/,
    ],
    ['a key cut short', `key ${'A'.repeat(42)}\n`, /43 characters/],
    ['something behind it', `${good}${SECRET}\n`, /43 characters/],
    ['more than such a file has', good + '#'.repeat(5_000), /is not a cluster key/],
  ])('%s', (_, text, reason) => {
    const file = join(directory, 'file');
    writeFileSync(file, text, { mode: 0o600 });
    const read = () => readClusterKeys(file);
    expect(read).toThrow(StartError);
    expect(read).toThrow(reason);
    expect(read).not.toThrow(SECRET);
  });

  test('a file that others may read, or change', () => {
    makeClusterKeyFile(path);
    for (const mode of [0o640, 0o604, 0o620]) {
      chmodSync(path, mode);
      expect(() => readClusterKeys(path)).toThrow(/read or changed by others.*chmod 600/);
    }
  });

  test('none at all, and a directory', () => {
    expect(() => readClusterKeys(path)).toThrow(/make one with statecraft key new/);
    mkdirSync(path, { recursive: true });
    expect(() => readClusterKeys(path)).toThrow(/is a directory, and a cluster key is a file/);
  });
});

describe('what is derived of a key', () => {
  it('is one thing for each purpose, and nothing of it is the key', () => {
    const secret = new Uint8Array(32).fill(9);
    const { name, auth, tls } = clusterKeyOf(secret);
    const parts = [Buffer.from(secret), auth, tls].map((bytes) => bytes.toString('hex'));
    expect(new Set(parts).size).toBe(3);
    expect(parts.every((part) => !part.startsWith(name))).toBe(true);
  });

  it('is nothing of what is too short, too long, or a passphrase', () => {
    for (const length of [0, 16, 31, 33]) {
      expect(() => clusterKeyOf(new Uint8Array(length))).toThrow(/32 random bytes, not/);
    }
  });

  it('the file says in its first line what it is', () => {
    makeClusterKeyFile(path);
    expect(readFileSync(path, 'utf8')).toMatch(/^# statecraft cluster key: [^\n]*\nkey \S{43}\n$/);
  });
});
