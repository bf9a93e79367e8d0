/** `statecraft token`: makes, lists and revokes what clients show to the servers. */
import { fstatSync, unlinkSync, writeFileSync } from 'node:fs';
import { printable } from '../formats/printable.ts';
import { OTHERS, OWNER_FILE } from '../node/file-mode.ts';
import { hasExpired, makeToken, ROLES, type Role, type Token } from '../service/tokens/token.ts';
import { changeTokenFile, readTokenFile } from '../service/tokens/token-file.ts';
import { isTokenName } from '../service/tokens/token-format.ts';
import { type Command, InvalidArgumentError, Option } from '../vendor/commander.ts';
import { usageError } from './exit-codes.ts';
import { withExamples } from './help.ts';
import { printJson, printLine, printTable } from './output.ts';

interface FileOption {
  readonly tokens: string;
}

interface CreateOptions extends FileOption {
  readonly name: string;
  readonly role: Role;
  readonly prefix: readonly string[];
  readonly expires: number | null;
  readonly out?: string;
}

interface ListOptions extends FileOption {
  readonly output: 'table' | 'json';
}

const DAY_MS = 86_400_000;
const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: DAY_MS };
const LIFETIME_MAX_MS = 3_650 * DAY_MS;

export function addTokenCommand(program: Command): void {
  const token = program
    .command('token')
    .description(
      'Make, list and revoke the tokens that clients show to servers, in a file. No server needs to run.',
    );
  withExamples(token, [
    'statecraft token create --tokens tokens.json --name admin --role admin --out admin.token',
    'statecraft cluster --tokens tokens.json',
    'statecraft put greeting hello --token-file admin.token',
  ]);
  const create = onFile(
    token.command('create').description('Make a token and print its secret, this once.'),
  )
    .requiredOption('--name <name>', 'whose it is: shown in logs, and owns sessions', parseName)
    .addOption(
      new Option('--role <role>', 'what it may: read keys, write them too, or everything')
        .choices(ROLES)
        .makeOptionMandatory(),
    )
    .option('--prefix <text>', 'only keys that begin with it; once more for another', addPrefix, [])
    .addOption(
      new Option('--expires <lifetime>', 'how long it is good: such as 30d, 12h or 15m')
        .argParser(parseLifetime)
        .default(null, 'never'),
    )
    .option('--out <file>', 'write the secret there, for its owner alone, and not to stdout')
    .action(createToken);
  withExamples(create, [
    'statecraft token create --tokens tokens.json --name admin --role admin --out admin.token',
    'statecraft token create --tokens tokens.json --name shop --role write --prefix shop/ --expires 90d',
  ]);
  const list = onFile(
    token.command('list').description('List the tokens of a file, without their secrets.'),
  )
    .addOption(
      new Option('-o, --output <format>', 'what is printed: a table with a head, or JSON')
        .choices(['table', 'json'])
        .default('table'),
    )
    .action(listTokens);
  withExamples(list, ['statecraft token list --tokens tokens.json']);
  const revoke = onFile(
    token.command('revoke').description('End a token: servers notice within ten seconds.'),
  )
    .requiredOption('--name <name>', 'the name that it was made with', parseName)
    .action(revokeToken);
  withExamples(revoke, ['statecraft token revoke --tokens tokens.json --name shop']);
}

function onFile(command: Command): Command {
  return command.requiredOption('--tokens <file>', 'the file of tokens that servers are given');
}

/** The secret is written first: one that nobody has would be good for nothing. */
function createToken({ tokens: path, name, role, prefix, expires, out }: CreateOptions): void {
  const now = Date.now();
  const made = makeToken({
    name,
    role,
    prefixes: prefix,
    created: new Date(now).toISOString(),
    expires: expires === null ? null : new Date(now + expires).toISOString(),
  });
  if (out !== undefined) writeSecret(out, made.secret);
  try {
    changing(path, (tokens) => [...withoutExpired(tokens, name, path, now), made.token]);
  } catch (error) {
    if (out !== undefined) unlinkSync(out);
    throw error;
  }
  if (out === undefined) {
    printLine(made.secret);
    warnOfOpenFile();
  }
}

/** A name that has expired is free again. */
function withoutExpired(
  tokens: readonly Token[],
  name: string,
  path: string,
  now: number,
): readonly Token[] {
  const same = tokens.find((token) => token.name === name);
  if (same === undefined) return tokens;
  if (hasExpired(same, now)) return tokens.filter((token) => token !== same);
  throw usageError(
    `there is a token "${name}" in ${path} already: choose another name, or revoke that one first ` +
      `(statecraft token revoke --tokens ${path} --name ${name})`,
  );
}

function writeSecret(path: string, secret: string): void {
  try {
    writeFileSync(path, `${secret}\n`, { mode: OWNER_FILE, flag: 'wx' });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EEXIST' ? 'is there already, and is not overwritten' : `: ${code}`;
    throw usageError(`--out ${path} ${why}`.replace(' :', ':'));
  }
}

/** A shell makes the file of `>` as its umask says. */
function warnOfOpenFile(): void {
  const file = fstatSync(process.stdout.fd);
  if (!file.isFile() || (file.mode & OTHERS) === 0 || process.platform === 'win32') return;
  process.stderr.write(
    'statecraft: the file that this went to may be read by others: chmod 600 it, or use --out\n',
  );
}

function listTokens({ tokens: path, output }: ListOptions): void {
  const tokens = reading(path);
  if (output === 'json') {
    printJson(tokens.map(({ sha256: _, ...token }) => token));
    return;
  }
  const now = Date.now();
  const rows = tokens.map((token) => [
    token.name,
    token.role,
    token.prefixes.length === 0
      ? 'all keys'
      : printable(token.prefixes.map((each) => `"${each}"`).join(' ')),
    token.created,
    expiryOf(token, now),
    token.id,
  ]);
  printTable(['NAME', 'ROLE', 'KEYS', 'CREATED', 'EXPIRES', 'ID'], rows);
}

function expiryOf(token: Token, now: number): string {
  if (token.expires === null) return 'never';
  return hasExpired(token, now) ? `${token.expires} (expired)` : token.expires;
}

function revokeToken({ tokens: path, name }: FileOption & { readonly name: string }): void {
  reading(path);
  changing(path, (tokens) => {
    const left = tokens.filter((token) => token.name !== name);
    if (left.length < tokens.length) return left;
    const names = tokens.map((token) => token.name).join(', ');
    throw usageError(`there is no token "${name}" in ${path}; there are: ${names || 'none'}`);
  });
  printLine('OK');
}

function reading(path: string): readonly Token[] {
  try {
    return readTokenFile(path);
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

function changing(...parameters: Parameters<typeof changeTokenFile>): void {
  try {
    changeTokenFile(...parameters);
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

function parseName(text: string): string {
  if (isTokenName(text)) return text;
  throw new InvalidArgumentError('A name has 1 to 64 letters, digits, ".", "_" or "-".');
}

function addPrefix(text: string, before: readonly string[]): readonly string[] {
  if (text !== '') return [...before, text];
  throw new InvalidArgumentError('Leave it out for all keys.');
}

function parseLifetime(text: string): number {
  const [, digits, unit = ''] = /^(\d{1,9})([mhd])$/.exec(text) ?? [];
  const milliseconds = Number(digits) * (UNITS[unit] ?? Number.NaN);
  if (milliseconds > 0 && milliseconds <= LIFETIME_MAX_MS) return milliseconds;
  throw new InvalidArgumentError('Write a lifetime such as 30d, 12h or 15m, at most 3650d.');
}
