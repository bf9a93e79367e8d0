/**
 * The token file as text (docs/formats.md): JSON, one token per line. It contains no secrets, only
 * their hashes. It is read strictly: a misspelt field could grant more than was meant.
 */
import {
  array,
  type BaseIssue,
  check,
  literal,
  maxLength,
  nonEmpty,
  nullable,
  picklist,
  pipe,
  regex,
  safeParse,
  strictObject,
  string,
} from '../../vendor/valibot.ts';
import { TOKEN_ROLES, type Token } from './token.ts';

const FORMAT = 'statecraft-tokens';
const VERSION = 1;
/** Far more than anybody needs; a longer list is not a token file. */
const TOKENS_MAX = 10_000;
const PREFIXES_MAX = 100;
export const TOKEN_NAME = /^[A-Za-z0-9._-]{1,64}$/;

const time = pipe(
  string(),
  regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/),
  check((text) => !Number.isNaN(Date.parse(text))),
);
/** In the order in which they are written. */
const FIELDS = {
  id: pipe(string(), regex(/^[a-z0-9]{12}$/)),
  name: pipe(string(), regex(TOKEN_NAME)),
  role: picklist(TOKEN_ROLES),
  prefixes: pipe(array(pipe(string(), nonEmpty())), maxLength(PREFIXES_MAX)),
  sha256: pipe(string(), regex(/^[0-9a-f]{64}$/)),
  created: time,
  expires: nullable(time),
};
const FILE = strictObject({
  format: literal(FORMAT),
  version: literal(VERSION),
  tokens: pipe(array(strictObject(FIELDS)), maxLength(TOKENS_MAX)),
});

export function formatTokens(tokens: readonly Token[]): string {
  const lines = tokens.map((token) => `\n    ${JSON.stringify(token, Object.keys(FIELDS))}`);
  const list = lines.length === 0 ? '' : `${lines.join(',')}\n  `;
  return `{\n  "format": "${FORMAT}",\n  "version": ${VERSION},\n  "tokens": [${list}]\n}\n`;
}

/** @throws Error whose message completes "the file …" */
export function parseTokens(text: string): readonly Token[] {
  const { success, output, issues } = safeParse(FILE, jsonOf(text), { abortEarly: true });
  if (!success) throw new Error(problemOf(issues[0]));
  for (const field of ['id', 'name'] as const) assertUnique(output.tokens, field);
  return output.tokens;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error('is not JSON, or was cut off');
  }
}

function problemOf({ path, received, expected }: BaseIssue<unknown>): string {
  const [top, at, inner] = path?.map(({ key }) => key) ?? [];
  const where = typeof at === 'number' ? `at token ${at + 1}` : 'as a whole';
  const field = typeof at === 'number' ? inner : top;
  if (field === undefined) return `is damaged ${where}: an object belongs there`;
  if (expected === 'never') return `has an unknown field ${where}: "${field}"`;
  if (field === 'format') return `is not of the format "${FORMAT}"`;
  if (received === 'undefined') return `is damaged ${where}: there is no "${field}"`;
  if (field === 'version') {
    return `is of version ${received}, and this software reads version ${VERSION}`;
  }
  if (field === 'tokens') return `has no list of at most ${TOKENS_MAX} tokens`;
  return `is damaged ${where}: "${field}" is not valid`;
}

function assertUnique(tokens: readonly Token[], field: 'id' | 'name'): void {
  const seen = new Set<string>();
  for (const { [field]: value } of tokens) {
    if (seen.has(value)) throw new Error(`has two tokens with the ${field} "${value}"`);
    seen.add(value);
  }
}
