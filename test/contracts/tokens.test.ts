/** Tokens: secrets that are shown once, a file of what they hash to, and what may be done to it. */
import {
  chmodSync,
  chownSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenConnections } from '../../src/service/token-connections.ts';
import { makeToken, type Token } from '../../src/service/tokens/token.ts';
import { changeTokenFile, readTokenFile } from '../../src/service/tokens/token-file.ts';
import { formatTokens, parseTokens } from '../../src/service/tokens/token-format.ts';
import { Tokens } from '../../src/service/tokens/tokens.ts';

const CREATED = '2026-01-02T03:04:05.000Z';
const made = (name: string, change: Partial<Token> = {}) =>
  makeToken({ name, role: 'write', prefixes: [], created: CREATED, expires: null, ...change });

describe('a secret', () => {
  it('says whose it is and holds 256 random bits, no two alike', () => {
    const secrets = Array.from({ length: 100 }, () => made('app'));
    for (const { secret, token } of secrets) {
      expect(secret).toMatch(/^statecraft_[a-z0-9]{12}_[A-Za-z0-9_-]{43}$/);
      expect(secret).toContain(`_${token.id}_`);
    }
    expect(new Set(secrets.map(({ secret }) => secret.slice(-43))).size).toBe(100);
  });

  it('is found, and nothing like it', () => {
    const one = made('one');
    const other = made('other');
    const tokens = new Tokens([one.token, other.token]);
    expect(tokens.find(one.secret)).toEqual({ token: one.token });
    const strangers = [
      '',
      one.token.id,
      one.secret.slice(0, -1),
      `${one.secret}x`,
      one.secret.replace(one.token.id, other.token.id),
      one.secret.toUpperCase(),
      made('stranger').secret,
      one.token.sha256,
    ];
    for (const secret of strangers) {
      const found = tokens.find(secret);
      expect(found.token?.name).toBeUndefined();
      expect(found).toEqual({ token: null, why: 'unknown' });
    }
  });

  it('is not in what is kept of it', () => {
    const { secret, token } = made('app');
    const text = formatTokens([token]);
    expect(text).not.toContain(secret);
    expect(text).not.toContain(secret.slice(-43));
  });

  it('is good until it expires, and not from then on', () => {
    let now = Date.parse(CREATED);
    const { secret, token } = made('app', { expires: '2026-01-02T03:05:05.000Z' });
    const tokens = new Tokens([token], () => now);
    now += 59_999;
    expect(tokens.find(secret).token).toEqual(token);
    expect(tokens.now(token)).toEqual(token);
    now += 1;
    expect(tokens.find(secret)).toEqual({ token: null, why: 'expired' });
    expect(tokens.now(token)).toBeNull();
  });
});

describe('a connection', () => {
  it('ends when the token that was shown on it last expires', () => {
    let now = Date.parse(CREATED);
    const { token } = made('app', { expires: '2026-01-02T03:05:05.000Z' });
    const connections = tokenConnections(new Tokens([token], () => now));
    const socket = new PassThrough();
    connections.add(socket, token, 'read');
    connections.closeRevoked();
    expect(socket.destroyed).toBe(false);
    now += 60_000;
    connections.closeRevoked();
    expect(socket.destroyed).toBe(true);
    connections.close();
  });
});

describe('the connections of a token', () => {
  it('end in the moment in which it is read that it was revoked', () => {
    const [kept, lost] = [made('kept').token, made('lost').token];
    const tokens = new Tokens([kept, lost]);
    const connections = tokenConnections(tokens);
    const [first, second] = [new PassThrough(), new PassThrough()];
    connections.add(first, kept, 'read');
    connections.add(second, lost, 'read');
    tokens.replace([kept]);
    expect([first.destroyed, second.destroyed]).toEqual([false, true]);
    connections.close();
  });
});

describe('the file of tokens', () => {
  let directory: string;
  let path: string;

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'statecraft-tokens-'));
    path = join(directory, 'tokens.json');
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('is made with the first one, for its owner alone, and read as it was written', () => {
    const { token } = made('app', { prefixes: ['app/', 'größe '], expires: CREATED });
    changeTokenFile(path, (before) => [...before, token]);
    expect(readTokenFile(path)).toEqual([token]);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const other = made('other').token;
    changeTokenFile(path, (before) => [...before, other]);
    expect(readTokenFile(path)).toEqual([token, other]);
    expect(readdirSync(directory)).toEqual(['tokens.json']);
  });

  it('is as it was when a change fails', () => {
    const before = readFileSync(path, 'utf8');
    const change = () => {
      throw new Error('not this one');
    };
    expect(() => changeTokenFile(path, change)).toThrow('not this one');
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect(readdirSync(directory)).toEqual(['tokens.json']);
  });

  it('is changed by one command at a time', () => {
    writeFileSync(`${path}.partial`, '');
    expect(() => changeTokenFile(path, () => [])).toThrow(/is being changed by another command/);
    rmSync(`${path}.partial`);
    expect(readTokenFile(path)).toHaveLength(2);
  });

  it.runIf(process.getuid?.() === 0)('stays with its owner when root changes it', () => {
    const own = join(directory, 'own.json');
    changeTokenFile(own, () => [made('app').token]);
    chownSync(own, 12_345, 12_345);
    changeTokenFile(own, () => []);
    expect(statSync(own)).toMatchObject({ uid: 12_345, gid: 12_345 });
    chmodSync(own, 0o644);
    expect(readTokenFile(own)).toEqual([]);
    chmodSync(own, 0o646);
    expect(() => readTokenFile(own)).toThrow(/may be read or changed by others \(mode 646\)/);
    rmSync(own);
  });

  it('is refused when others may read or change it, and when it is not there', () => {
    for (const mode of [0o640, 0o604, 0o620, 0o666]) {
      chmodSync(path, mode);
      const octal = mode.toString(8);
      expect(() => readTokenFile(path)).toThrow(
        `${path} may be read or changed by others (mode ${octal}): chmod 600 ${path}`,
      );
    }
    chmodSync(path, 0o600);
    expect(() => readTokenFile(join(directory, 'none'))).toThrow(/^there is no token file at /);
    expect(() => readTokenFile(directory)).toThrow(/may be read or changed|EISDIR/);
  });

  const [one, other] = [made('one').token, made('other').token];
  const whole = formatTokens([one, other]);
  const bent = (change: object) => formatTokens([{ ...one, ...change } as Token]);
  const damaged: readonly (readonly [string, string, RegExp])[] = [
    ['is empty', '', /is not JSON, or was cut off/],
    ['was cut off', whole.slice(0, -10), /is not JSON, or was cut off/],
    ['is something else', '{"format":"x","version":1,"tokens":[]}', /is not of the format/],
    ['is a list', '[]', /is not of the format/],
    ['is a number', '1', /an object belongs there/],
    [
      'is of a newer version',
      whole.replace('"version": 1', '"version": 2'),
      /is of version 2, and this software reads version 1/,
    ],
    [
      'has a field too many',
      whole.replace('"format"', '"formats":1,"format"'),
      /unknown field as a whole: "formats"/,
    ],
    ['has no tokens', '{"format":"statecraft-tokens","version":1}', /there is no "tokens"/],
    [
      'has a misspelt field',
      whole.replace('"prefixes"', '"prefix"'),
      /at token 1: there is no "prefixes"/,
    ],
    [
      'has an unknown field',
      whole.replace('"id"', '"note":1,"id"'),
      /unknown field at token 1: "note"/,
    ],
    ['has an unknown role', bent({ role: 'root' }), /at token 1: "role" is not valid/],
    ['has a prefix for everything', bent({ prefixes: [''] }), /"prefixes" is not valid/],
    ['has a prefix that is no text', bent({ prefixes: [1] }), /"prefixes" is not valid/],
    ['has a hash that is none', bent({ sha256: one.sha256.slice(1) }), /"sha256" is not valid/],
    [
      'has a time that is none',
      bent({ expires: '2026-13-41T00:00:00Z' }),
      /"expires" is not valid/,
    ],
    ['has a name that is none', bent({ name: 'a b' }), /"name" is not valid/],
    [
      'has a name twice',
      formatTokens([one, { ...other, name: one.name }]),
      /two tokens with the name "one"/,
    ],
    ['has an id twice', formatTokens([one, { ...other, id: one.id }]), /two tokens with the id/],
  ];
  it.each(damaged)('is refused with a sentence when it %s', (_, text, sentence) => {
    expect(() => parseTokens(text)).toThrow(sentence);
    writeFileSync(path, text);
    expect(() => readTokenFile(path)).toThrow(path);
    expect(() => changeTokenFile(path, (before) => before)).toThrow(path);
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it('may be empty of tokens', () => {
    expect(parseTokens(formatTokens([]))).toEqual([]);
  });
});
