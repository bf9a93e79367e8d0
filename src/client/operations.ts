/** The requests of a client over HTTP, and how good answers read (docs: HTTP). */

import type { Fields } from '../formats/fields.ts';
import { encodeText, isKey } from '../kv/keys.ts';
import {
  type Condition,
  type Found,
  keyBytesMax,
  type List,
  type ListItem,
  type Page,
} from '../kv/vocabulary.ts';
import type { HttpRequest } from '../ports/http.ts';
import type { SessionCommand } from '../ports/outcome.ts';
import { type AnswerReader, jsonIn, numberIn, revisionIn } from './outcome-mapping.ts';

/**
 * `linearizable` sees every write that was answered before; `stale` may be of the past, and is
 * cheaper.
 */
export type Consistency = 'linearizable' | 'stale';

/** The value of a key, and the revision at which it was written. */
export type Value = Omit<Found, 'type'>;

/** Which keys to list, and how many at once. */
export type ListOptions = Omit<List, 'type' | 'shares'>;

/** A part of a list, in the order of the keys’ UTF-8 bytes. */
export type ListPage = Omit<Page, 'type'>;

/** Everything of a request but its server. */
export type ServerlessRequest = Omit<HttpRequest, 'endpoint'>;

/** PUT sets the value, POST appends it, DELETE removes the key. */
export function writeRequest(
  method: 'PUT' | 'POST' | 'DELETE',
  key: string,
  condition: Condition,
  value?: string | Uint8Array,
): ServerlessRequest {
  const path = keyPath(key, method === 'POST' ? '/append' : '');
  const body = method === 'DELETE' ? null : bodyOf(value);
  return { method, path, headers: conditionHeaders(condition), body };
}

export function readRequest(
  path: string,
  { prefix, after, limit, values, consistency }: ListOptions & { consistency?: Consistency } = {},
): ServerlessRequest {
  const query = new URLSearchParams();
  if (prefix !== undefined) query.set('prefix', prefix);
  if (after !== undefined) query.set('after', after);
  if (limit !== undefined) query.set('limit', `${limit}`);
  if (values) query.set('values', 'true');
  if (consistency === 'stale') query.set('consistency', 'stale');
  const separator = path.includes('?') ? '&' : '?';
  return { method: 'GET', path: `${query}` === '' ? path : path + separator + query, ...bare };
}

const bare = { headers: {}, body: null };
export const openSession: ServerlessRequest = { method: 'POST', path: '/v1/sessions', ...bare };

export function closeSession(session: number): ServerlessRequest {
  return { method: 'DELETE', path: `/v1/sessions/${session}`, ...bare };
}

/** The request with what it says of its session. */
export function inSession(request: ServerlessRequest, command: SessionCommand): ServerlessRequest {
  const { session, sequence, firstUnanswered } = command;
  const headers: Record<string, string> = {
    ...request.headers,
    'Statecraft-Session': `${session}`,
    'Statecraft-Sequence': `${sequence}`,
  };
  if (firstUnanswered !== undefined) headers['Statecraft-First-Unanswered'] = `${firstUnanswered}`;
  return { ...request, headers };
}

export const writtenIn: AnswerReader<{ revision: number }> = {
  read: (answer) => ({ revision: numberIn(jsonIn(answer).revision) }),
};

export const appendedIn: AnswerReader<{ revision: number; length: number }> = {
  read(answer) {
    const { revision, length } = jsonIn(answer);
    return { revision: numberIn(revision), length: numberIn(length) };
  },
};

export const deletedIn: AnswerReader<{ found: boolean }> = {
  read: () => ({ found: true }),
  notFound: { found: false },
};

export const valueIn: AnswerReader<Value | null> = {
  // A copy: the body may be a view on a larger buffer of the connection's.
  read: (answer) => ({ value: new Uint8Array(answer.body), revision: revisionIn(answer) }),
  notFound: null,
};

export const pageIn: AnswerReader<ListPage> = {
  read(answer) {
    const { items, next } = jsonIn(answer);
    return {
      items: Array.isArray(items) ? items.map(listItemOf) : [],
      next: typeof next === 'string' ? next : null,
    };
  },
};

export const sessionIn: AnswerReader<number> = {
  read(answer) {
    const { session } = jsonIn(answer);
    return typeof session === 'number' ? session : undefined;
  },
};

/**
 * A segment `.` or `..` would be folded on the way, percent-encoded or not: such a key is a parameter.
 * @param action - what stands behind the key in a path
 * @throws TypeError for what is not a key
 */
export function keyPath(key: string, action = ''): string {
  if (!isKey(key)) throw new TypeError(`A key is a string of 1 to ${keyBytesMax} UTF-8 bytes.`);
  if (key === '.' || key === '..') return `/v1/kv${action || '/'}?key=${key}`;
  return `/v1/kv/${encodeURIComponent(key)}${action}`;
}

function bodyOf(value: unknown): Uint8Array {
  if (typeof value === 'string') return encodeText(value);
  if (value instanceof Uint8Array) return value;
  throw new TypeError('A value is a string or a Uint8Array.');
}

/** @throws TypeError for several conditions, and for what is not a revision */
function conditionHeaders(condition: Condition): Record<string, string> {
  const { ifRevision, ifExists, ifAbsent } = condition;
  const given = [ifRevision, ifExists, ifAbsent].filter((value) => value !== undefined);
  if (given.length > 1) {
    throw new TypeError('Give one of ifRevision, ifExists and ifAbsent, not several.');
  }
  if (ifRevision !== undefined && !(Number.isSafeInteger(ifRevision) && ifRevision >= 0)) {
    throw new TypeError(`ifRevision is a revision, a whole number, not ${ifRevision}.`);
  }
  if (ifAbsent) return { 'If-None-Match': '*' };
  if (ifRevision !== undefined) return { 'If-Match': `"${ifRevision}"` };
  return ifExists ? { 'If-Match': '*' } : {};
}

function listItemOf({ key, revision, length, value }: Fields): ListItem {
  const item = { key: String(key), revision: numberIn(revision), length: numberIn(length) };
  if (typeof value !== 'string') return item;
  // Base64 to bytes, where there may be no Buffer.
  return { ...item, value: Uint8Array.from(atob(value), (unit) => unit.charCodeAt(0)) };
}
