/** `statecraft token`: what it makes, says and refuses. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { defineCommand } from '../../src/cli/command-table.ts';
import { TOKEN_COMMAND } from '../../src/cli/token-command.ts';
import { readTokenFile } from '../../src/service/tokens/token-file.ts';
import { Tokens } from '../../src/service/tokens/tokens.ts';
import { Command } from '../../src/vendor/commander.ts';

let directory: string;
const file = (name: string) => join(directory, name);

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'statecraft-token-'));
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(directory, { recursive: true }));

/** What it has written to stdout. @throws what it ends with */
async function token(command: string, ...flags: readonly string[]): Promise<string> {
  let text = '';
  const write = (some: string | Uint8Array) => {
    text += some;
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(write);
  vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const program = new Command().exitOverride();
  defineCommand(program.command('token'), TOKEN_COMMAND);
  const argv = ['token', command, '--tokens', file('tokens'), ...flags];
  await program.parseAsync(argv, { from: 'user' });
  return text;
}

describe('token create', () => {
  it('prints the secret alone, this once, and keeps what it hashes to', async () => {
    const text = await token(
      ...(['create', '--name', 'app', '--role', 'write'] as const),
      ...['--prefix', 'app/', '--prefix', 'größe ', '--expires', '30d'],
    );
    expect(text).toMatch(/^statecraft_\w{12}_[\w-]{43}\n$/);
    const [kept] = readTokenFile(file('tokens'));
    expect(kept).toMatchObject({ name: 'app', role: 'write', prefixes: ['app/', 'größe '] });
    const { created = '', expires } = kept ?? {};
    expect(Date.parse(expires ?? '') - Date.parse(created)).toBe(30 * 86_400_000);
    expect(new Tokens(kept === undefined ? [] : [kept]).find(text.trim()).token).toEqual(kept);
    expect(readFileSync(file('tokens'), 'utf8')).not.toContain(text.trim().slice(-43));
  });

  it('writes it to a file for its owner alone, and prints nothing', async () => {
    const flags = ['--name', 'admin', '--role', 'admin', '--out', file('admin')];
    expect(await token('create', ...flags)).toBe('');
    expect(statSync(file('admin')).mode & 0o777).toBe(0o600);
    const tokens = new Tokens(readTokenFile(file('tokens')));
    expect(tokens.find(readFileSync(file('admin'), 'utf8').trim()).token?.name).toBe('admin');
  });

  it.each([
    [
      'a name that there is',
      ['--name', 'app', '--role', 'read'],
      /there is a token "app" in .* already/,
    ],
    ['a file that there is', ['--name', 'x', '--role', 'read', '--out', 'admin'], /already exists/],
    [
      'a role that is none',
      ['--name', 'x', '--role', 'root'],
      /Allowed choices are read, write, admin/,
    ],
    ['no role', ['--name', 'x'], /required option '--role <role>' not specified/],
    ['no name', ['--role', 'read'], /required option '--name <name>' not specified/],
    ['a name that is none', ['--name', 'a b', '--role', 'read'], /A name has 1 to 64 letters/],
    [
      'an empty prefix',
      ['--name', 'x', '--role', 'read', '--prefix', ''],
      /Leave it out for all keys/,
    ],
    ['no lifetime', ['--name', 'x', '--role', 'read', '--expires', '0d'], /Write a lifetime/],
    [
      'a lifetime of years',
      ['--name', 'x', '--role', 'read', '--expires', '3651d'],
      /Write a lifetime/,
    ],
  ])('refuses %s, and changes nothing', async (_, flags, sentence) => {
    const before = readFileSync(file('tokens'), 'utf8');
    const placed = flags.map((flag) => (flag === 'admin' ? file('admin') : flag));
    await expect(token('create', ...placed)).rejects.toThrow(sentence);
    expect(readFileSync(file('tokens'), 'utf8')).toBe(before);
  });
});

describe('token list', () => {
  it('shows all but secrets and what they hash to', async () => {
    const table = await token('list');
    expect(table).toMatch(/^NAME +ROLE +KEYS +CREATED +EXPIRES +ID\n/);
    expect(table).toMatch(/^app +write +"app\/" "größe " .*Z .*Z +\w{12}$/m);
    expect(table).toMatch(/^admin +admin +all keys .* never +\w{12}$/m);
    const json = await token('list', '-o', 'json');
    expect(JSON.parse(json)).toHaveLength(2);
    expect(json).not.toContain('sha256');
  });
});

describe('token revoke', () => {
  it('ends the one of that name', async () => {
    expect(await token('revoke', '--name', 'app')).toBe('OK\n');
    expect(readTokenFile(file('tokens')).map(({ name }) => name)).toEqual(['admin']);
  });

  it('says which there are when there is none of that name', async () => {
    await expect(token('revoke', '--name', 'app')).rejects.toThrow(/no token "app" in .*: admin$/);
  });
});
