/**
 * The file of tokens as text (docs/formats.md): JSON, a token per line. It holds no secrets, only
 * what they hash to. It is read strictly: a field that is misspelt could grant more than was meant.
 */
import { ROLES, type Role, type Token } from './token.ts';

const FORMAT = 'statecraft-tokens';
const VERSION = 1;
const FIELDS = ['id', 'name', 'role', 'prefixes', 'sha256', 'created', 'expires'];
/** Far more than anybody makes; a file that is larger is something else. */
export const TOKENS_MAX = 10_000;
const PREFIXES_MAX = 100;
const NAME = /^[A-Za-z0-9._-]{1,64}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z$/;

export function isTokenName(name: string): boolean {
  return NAME.test(name);
}

export function formatTokens(tokens: readonly Token[]): string {
  const lines = tokens.map((token) => `\n    ${JSON.stringify(token, FIELDS)}`);
  const list = lines.length === 0 ? '' : `${lines.join(',')}\n  `;
  return `{\n  "format": "${FORMAT}",\n  "version": ${VERSION},\n  "tokens": [${list}]\n}\n`;
}

/** @throws Error whose message completes "the file …" */
export function parseTokens(text: string): readonly Token[] {
  const file = objectIn(jsonOf(text), 'as a whole');
  if (file.format !== FORMAT) throw new Error(`is not of the format "${FORMAT}"`);
  if (file.version !== VERSION) {
    throw new Error(`is of version ${file.version}, and this software reads version ${VERSION}`);
  }
  assertFields(file, ['format', 'version', 'tokens'], 'as a whole');
  if (!Array.isArray(file.tokens) || file.tokens.length > TOKENS_MAX) {
    throw new Error(`has no list of at most ${TOKENS_MAX} tokens`);
  }
  const tokens = file.tokens.map(tokenOf);
  for (const field of ['id', 'name'] as const) assertUnique(tokens, field);
  return tokens;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new Error('is not JSON, or was cut off');
  }
}

type Fields = Readonly<Record<string, unknown>>;

function objectIn(value: unknown, where: string): Fields {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Fields;
  throw new Error(`is damaged ${where}: an object belongs there`);
}

function assertFields(value: Fields, known: readonly string[], where: string): void {
  const names = Object.keys(value);
  const missing = known.find((name) => !names.includes(name));
  if (missing !== undefined) throw new Error(`is damaged ${where}: there is no "${missing}"`);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) throw new Error(`has an unknown field ${where}: "${unknown}"`);
}

function tokenOf(value: unknown, at: number): Token {
  const where = `at token ${at + 1}`;
  const fields = objectIn(value, where);
  assertFields(fields, FIELDS, where);
  const { id, name, role, prefixes, sha256, created, expires } = fields;
  const faults: readonly (readonly [string, boolean])[] = [
    ['id', isText(id, /^[a-z0-9]{12}$/)],
    ['name', isText(name, NAME)],
    ['role', ROLES.includes(role as Role)],
    ['prefixes', arePrefixes(prefixes)],
    ['sha256', isText(sha256, /^[0-9a-f]{64}$/)],
    ['created', isTime(created)],
    ['expires', expires === null || isTime(expires)],
  ];
  const fault = faults.find(([, isRight]) => !isRight);
  if (fault !== undefined) throw new Error(`is damaged ${where}: "${fault[0]}" cannot be that`);
  return fields as unknown as Token;
}

function isText(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && pattern.test(value);
}

function isTime(value: unknown): boolean {
  return isText(value, TIME) && !Number.isNaN(Date.parse(value as string));
}

function arePrefixes(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > PREFIXES_MAX) return false;
  return value.every((prefix) => typeof prefix === 'string' && prefix !== '');
}

function assertUnique(tokens: readonly Token[], field: 'id' | 'name'): void {
  const seen = new Set<string>();
  for (const { [field]: value } of tokens) {
    if (seen.has(value)) throw new Error(`has two tokens with the ${field} "${value}"`);
    seen.add(value);
  }
}
