/**
 * Conditional requests (RFC 9110 §13). A revision is the entity tag of a value. Writes take `If-Match`
 * with one strong tag or `*`, and `If-None-Match: *`; reads take both as the RFC allows.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Condition } from '../kv/vocabulary.ts';
import { badRequest, type HttpError } from './errors.ts';

export function etagOf(revision: number): string {
  return `"${revision}"`;
}

/** @throws HttpError `bad_request` for anything but the forms above */
export function writeConditionOf(headers: IncomingHttpHeaders): Condition {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  if (match !== undefined && noneMatch !== undefined) {
    throw badRequest('send If-Match or If-None-Match, not both');
  }
  if (match?.trim() === '*') return { ifExists: true };
  if (match !== undefined) return { ifRevision: revisionOf(match) };
  if (noneMatch === undefined) return {};
  if (noneMatch.trim() === '*') return { ifAbsent: true };
  throw badRequest(`If-None-Match: ${noneMatch} is not understood; only If-None-Match: * is`);
}

function revisionOf(match: string): number {
  const digits = /^"(0|[1-9]\d{0,15})"$/.exec(match.trim())?.[1];
  if (digits === undefined || !Number.isSafeInteger(Number(digits))) {
    throw badRequest(
      `If-Match: ${match} is not understood; send one revision in quotes, as in If-Match: "17", or *`,
    );
  }
  return Number(digits);
}

/** Of a read: what its conditions make of an answer that would otherwise be 200. */
type ReadConditionResult = 'answered' | 'not-modified' | 'failed';

/**
 * @param etag - of what is read; undefined when it has none
 * @throws HttpError `bad_request` for what is no list of entity tags
 */
export function evaluateReadConditions(
  headers: IncomingHttpHeaders,
  etag: string | undefined,
): ReadConditionResult {
  const { 'if-match': match, 'if-none-match': noneMatch } = headers;
  if (match !== undefined) {
    const tags = tagsOf('If-Match', match);
    // The strong comparison: a weak tag matches nothing.
    if (tags !== '*' && (etag === undefined || !tags.includes(etag))) return 'failed';
  }
  if (noneMatch === undefined) return 'answered';
  const tags = tagsOf('If-None-Match', noneMatch);
  const isKnown = tags === '*' || tags.some((tag) => tag.replace(/^W\//, '') === etag);
  return isKnown ? 'not-modified' : 'answered';
}

const TAG = /^(?:W\/)?"[\x21\x23-\x7e\x80-\xff]*"/;

function tagsOf(name: string, value: string): readonly string[] | '*' {
  let rest = value.trim();
  if (rest === '*') return '*';
  const tags: string[] = [];
  while (rest !== '') {
    const tag = TAG.exec(rest)?.[0] ?? '';
    if (tag !== '') tags.push(tag);
    const behind = rest.slice(tag.length).trimStart();
    if (behind !== '' && !behind.startsWith(',')) throw notTags(name, value);
    rest = behind.slice(1).trimStart();
  }
  if (tags.length === 0) throw notTags(name, value);
  return tags;
}

function notTags(name: string, value: string): HttpError {
  return badRequest(
    `${name}: ${value} is not understood; send entity tags in quotes with commas between, or *`,
  );
}
