/** `statecraft token`: creates, lists and revokes what clients show to the servers. */
import { fstatSync, unlinkSync, writeFileSync } from 'node:fs';
import { printable } from '../formats/printable.ts';
import { OTHERS, OWNER_FILE } from '../node/file-mode.ts';
import { hasExpired, makeToken, TOKEN_ROLES, type Token } from '../service/tokens/token.ts';
import { changeTokenFile, readTokenFile } from '../service/tokens/token-file.ts';
import { TOKEN_NAME } from '../service/tokens/token-format.ts';
import { InvalidArgumentError } from '../vendor/commander.ts';
import type { CommandDetails, OptionsOf, OptionTable } from './command-table.ts';
import { orUsageError, usageError } from './exit-codes.ts';
import { matching } from './option-values.ts';
import { printError, printJson, printLine, printTable } from './output.ts';

const DAY_MS = 86_400_000;
const UNITS: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: DAY_MS };
const LIFETIME_MAX_MS = 3_650 * DAY_MS;

const FILE = {
  '--tokens <file>': { what: 'the token file that the servers use', isRequired: true },
} as const satisfies OptionTable;
const NAME = {
  what: 'the name of the token: shown in logs, and the owner of its sessions',
  parse: matching(TOKEN_NAME, 'A name has 1 to 64 letters, digits, ".", "_" or "-".'),
  isRequired: true,
} as const;

const CREATE_OPTIONS = {
  ...FILE,
  '--name <name>': NAME,
  '--role <role>': {
    what: 'what it may do: read keys, also write them, or everything',
    choices: TOKEN_ROLES,
    isRequired: true,
  },
  '--prefix <text>': {
    what: 'only keys that begin with it; repeat it for more',
    parse: addPrefix,
    byDefault: [],
  },
  '--expires <lifetime>': {
    what: 'how long it is valid: such as 30d, 12h or 15m',
    parse: parseLifetime,
    byDefault: null,
    shown: 'never',
  },
  '--out <file>': 'write the secret to this file, readable by its owner only, not to stdout',
} as const satisfies OptionTable;

const LIST_OPTIONS = {
  ...FILE,
  '-o, --output <format>': {
    what: 'what is printed: a table with a header, or JSON',
    choices: ['table', 'json'],
    byDefault: 'table',
  },
} as const satisfies OptionTable;

const REVOKE_OPTIONS = { ...FILE, '--name <name>': NAME };

export const TOKEN_COMMAND: CommandDetails = {
  examples: [
    'statecraft token create --tokens tokens.json --name admin --role admin --out admin.token',
    'statecraft cluster --tokens tokens.json',
    'statecraft put greeting hello --token-file admin.token',
  ],
  commands: [
    {
      name: 'create',
      what: 'Create a token and print its secret, only this once.',
      options: CREATE_OPTIONS,
      examples: [
        'statecraft token create --tokens tokens.json --name admin --role admin --out admin.token',
        'statecraft token create --tokens tokens.json --name shop --role write --prefix shop/ --expires 90d',
      ],
      runCommandLine: createToken,
    },
    {
      name: 'list',
      what: 'List the tokens of a file, without their secrets.',
      options: LIST_OPTIONS,
      examples: ['statecraft token list --tokens tokens.json'],
      runCommandLine: listTokens,
    },
    {
      name: 'revoke',
      what: 'Revoke a token: servers notice within ten seconds.',
      options: REVOKE_OPTIONS,
      examples: ['statecraft token revoke --tokens tokens.json --name shop'],
      runCommandLine: revokeToken,
    },
  ],
};

/** The secret is written first: a token whose secret is lost would be of no use. */
function createToken({
  tokens: path,
  name,
  role,
  prefix,
  expires,
  out,
}: OptionsOf<typeof CREATE_OPTIONS>): void {
  const now = Date.now();
  const { token, secret } = makeToken({
    name,
    role,
    prefixes: prefix,
    created: new Date(now).toISOString(),
    expires: expires === null ? null : new Date(now + expires).toISOString(),
  });
  if (out !== undefined) writeSecret(out, secret);
  try {
    change(path, (tokens) => [...withoutExpired(tokens, name, path, now), token]);
  } catch (error) {
    if (out !== undefined) unlinkSync(out);
    throw error;
  }
  if (out !== undefined) return;
  printLine(secret);
  warnOfOpenFile();
}

/** A name can be used again once its token has expired. */
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
    const why = code === 'EEXIST' ? ' already exists, and is not overwritten' : `: ${code}`;
    throw usageError(`--out ${path}${why}`);
  }
}

/** A shell creates the file of `>` with the mode that its umask leaves. */
function warnOfOpenFile(): void {
  const file = fstatSync(process.stdout.fd);
  if (!file.isFile() || (file.mode & OTHERS) === 0 || process.platform === 'win32') return;
  printError('others may read the file that this was written to: chmod 600 it, or use --out');
}

function listTokens({ tokens: path, output }: OptionsOf<typeof LIST_OPTIONS>): void {
  const tokens = orUsageError(() => readTokenFile(path));
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

function revokeToken({ tokens: path, name }: OptionsOf<typeof REVOKE_OPTIONS>): void {
  orUsageError(() => readTokenFile(path));
  change(path, (tokens) => {
    const left = tokens.filter((token) => token.name !== name);
    if (left.length < tokens.length) return left;
    const names = tokens.map((token) => token.name).join(', ');
    throw usageError(`there is no token "${name}" in ${path}; there are: ${names || 'none'}`);
  });
  printLine('OK');
}

function change(...parameters: Parameters<typeof changeTokenFile>): void {
  orUsageError(() => changeTokenFile(...parameters));
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
