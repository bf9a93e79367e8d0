/**
 * A token: the secret that a client shows, and what a server keeps of it. The secret is 256 random
 * bits, which nobody can guess, so one round of SHA-256 keeps it from whoever reads the file: a slow
 * hash is for passwords that people choose, and would cost each request what it costs a guess.
 */
import { createHash, randomBytes, randomInt } from 'node:crypto';

/** What one may do includes what those before it may. */
export const TOKEN_ROLES = ['read', 'write', 'admin'] as const;

export type TokenRole = (typeof TOKEN_ROLES)[number];

export interface Token {
  /** Part of the secret, by which it is looked up. */
  readonly id: string;
  /** Whose it is: in logs, and as the owner of sessions. */
  readonly name: string;
  readonly role: TokenRole;
  /** Only keys that begin with one of them; without any, all keys. */
  readonly prefixes: readonly string[];
  /** SHA-256 of the secret, in hexadecimal digits. */
  readonly sha256: string;
  /** ISO 8601, like `expires`. */
  readonly created: string;
  /** Null: never. */
  readonly expires: string | null;
}

const SECRET = /^statecraft_([a-z0-9]{12})_[A-Za-z0-9_-]{43}$/;
const SECRET_BYTES = 32;
const ID_ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const ID_LENGTH = 12;

/** @returns the token to keep, and its secret, which is nowhere else */
export function makeToken(
  wanted: Pick<Token, 'name' | 'role' | 'prefixes' | 'created' | 'expires'>,
) {
  const id = Array.from({ length: ID_LENGTH }, () => ID_ALPHABET[randomInt(36)]).join('');
  const secret = `statecraft_${id}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  const token: Token = { id, ...wanted, sha256: secretDigestOf(secret).toString('hex') };
  return { token, secret };
}

/** The id in a secret; null for what is none. */
export function idOf(secret: string): string | null {
  return SECRET.exec(secret)?.[1] ?? null;
}

export function secretDigestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

export function hasExpired({ expires }: Token, nowMs: number): boolean {
  return expires !== null && Date.parse(expires) <= nowMs;
}

export function includesRole(role: TokenRole, needed: TokenRole): boolean {
  return TOKEN_ROLES.indexOf(role) >= TOKEN_ROLES.indexOf(needed);
}

/** Whether all keys that begin with the text are the token's. */
export function ownsPrefix({ prefixes }: Token, text: string): boolean {
  return prefixes.length === 0 || prefixes.some((prefix) => text.startsWith(prefix));
}
