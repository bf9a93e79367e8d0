/** The calls of a client as HTTP exchanges, and their answers as results (docs: HTTP). */
import { encodeText, isKey } from '../kv/keys.ts';
import { keyBytesMax } from '../kv/vocabulary.ts';
import { bytesOf, jsonOf, numberOf, revisionOf } from './answers.ts';
import type { HttpAnswer, HttpRequest } from './http-port.ts';

/** At most one of them; a call whose condition does not hold is refused as `condition-failed`. */
export interface ConditionOptions {
  /** The key is there, and has this revision. */
  readonly ifRevision?: number;
  /** The key is there. */
  readonly ifExists?: true;
  /** The key is not there. */
  readonly ifAbsent?: true;
}

/** The value of a key, and the revision at which it was written. */
export interface Value {
  readonly value: Uint8Array;
  readonly revision: number;
}

/** Which keys to list, and how many at once. */
export interface ListOptions {
  /** Only keys that begin with it. */
  readonly prefix?: string;
  /** Only keys after this one: the `next` of the page before. */
  readonly after?: string;
  /** 1 to 1,000. Default 100. */
  readonly limit?: number;
  /** Whether the items carry their values. */
  readonly values?: boolean;
}

/** One key of a list; its value only where it was asked for. */
export interface ListItem {
  readonly key: string;
  readonly revision: number;
  /** Bytes of the value. */
  readonly length: number;
  readonly value?: Uint8Array;
}

/** A part of a list, in the order of the keys’ UTF-8 bytes. */
export interface ListPage {
  readonly items: readonly ListItem[];
  /** What to give as `after` for the next page; null when this was the last. */
  readonly next: string | null;
}

/**
 * `linearizable` sees every write that was answered before; `stale` may be of the past, and is
 * cheaper.
 */
export type Consistency = 'linearizable' | 'stale';

/** What is asked, and how a good answer to it reads. */
export interface Operation<Result> {
  readonly request: Omit<HttpRequest, 'endpoint'>;
  /** Undefined when the answer is a refusal. */
  read(answer: HttpAnswer): Result | undefined;
}

export function put(
  key: string,
  value: string | Uint8Array,
  condition: ConditionOptions,
): Operation<{ revision: number }> {
  return {
    request: {
      method: 'PUT',
      path: pathOf(key),
      headers: conditionHeaders(condition),
      body: bodyOf(value),
    },
    read: (answer) =>
      answer.status === 200 ? { revision: numberOf(jsonOf(answer).revision) } : undefined,
  };
}

export function append(
  key: string,
  value: string | Uint8Array,
  condition: ConditionOptions,
): Operation<{ revision: number; length: number }> {
  return {
    request: {
      method: 'POST',
      path: pathOf(key, '/append'),
      headers: conditionHeaders(condition),
      body: bodyOf(value),
    },
    read(answer) {
      if (answer.status !== 200) return undefined;
      const { revision, length } = jsonOf(answer);
      return { revision: numberOf(revision), length: numberOf(length) };
    },
  };
}

export function remove(key: string, condition: ConditionOptions): Operation<{ found: boolean }> {
  return {
    request: {
      method: 'DELETE',
      path: pathOf(key),
      headers: conditionHeaders(condition),
      body: null,
    },
    read(answer) {
      if (answer.status === 404) return { found: false };
      return answer.status === 200 ? { found: true } : undefined;
    },
  };
}

/** Null when there is no such key. */
export function get(key: string, consistency: Consistency): Operation<Value | null> {
  const path = pathOf(key);
  const query = consistency === 'stale' ? `${path.includes('?') ? '&' : '?'}consistency=stale` : '';
  return {
    request: { method: 'GET', path: path + query, headers: {}, body: null },
    read(answer) {
      if (answer.status === 404) return null;
      if (answer.status !== 200) return undefined;
      // A copy: the body may be a view on a larger buffer of the connection's.
      return { value: new Uint8Array(answer.body), revision: revisionOf(answer) };
    },
  };
}

export function list(options: ListOptions, consistency: Consistency): Operation<ListPage> {
  const query = new URLSearchParams();
  if (options.prefix !== undefined) query.set('prefix', options.prefix);
  if (options.after !== undefined) query.set('after', options.after);
  if (options.limit !== undefined) query.set('limit', String(options.limit));
  if (options.values) query.set('values', 'true');
  if (consistency === 'stale') query.set('consistency', 'stale');
  return {
    request: { method: 'GET', path: `/v1/kv?${query}`, headers: {}, body: null },
    read(answer) {
      if (answer.status !== 200) return undefined;
      const { items, next } = jsonOf(answer);
      return {
        items: Array.isArray(items) ? items.map(itemOf) : [],
        next: typeof next === 'string' ? next : null,
      };
    },
  };
}

function itemOf(item: Readonly<Record<string, unknown>>): ListItem {
  const { key, revision, length, value } = item;
  const known = { key: String(key), revision: numberOf(revision), length: numberOf(length) };
  return typeof value === 'string' ? { ...known, value: bytesOf(value) } : known;
}

/**
 * A segment `.` or `..` would be folded on the way, percent-encoded or not: such a key is a parameter.
 * @param action - what stands behind the key in a path
 * @throws TypeError for what is no key
 */
function pathOf(key: string, action = ''): string {
  if (!isKey(key)) throw new TypeError(`A key is a string of 1 to ${keyBytesMax} UTF-8 bytes.`);
  if (key === '.' || key === '..') return `/v1/kv${action || '/'}?key=${key}`;
  return `/v1/kv/${encodeURIComponent(key)}${action}`;
}

function bodyOf(value: string | Uint8Array): Uint8Array {
  if (typeof value === 'string') return encodeText(value);
  if (value instanceof Uint8Array) return value;
  throw new TypeError('A value is a string or a Uint8Array.');
}

function conditionHeaders(condition: ConditionOptions): Record<string, string> {
  const { ifRevision, ifExists, ifAbsent } = condition;
  const given = [ifRevision, ifExists, ifAbsent].filter((value) => value !== undefined);
  if (given.length > 1) {
    throw new TypeError('Give one of ifRevision, ifExists and ifAbsent, not several.');
  }
  if (ifRevision !== undefined) {
    if (Number.isSafeInteger(ifRevision) && ifRevision >= 0)
      return { 'If-Match': `"${ifRevision}"` };
    throw new TypeError(`ifRevision is a revision, a whole number, not ${ifRevision}.`);
  }
  if (ifExists) return { 'If-Match': '*' };
  return ifAbsent ? { 'If-None-Match': '*' } : {};
}
