/**
 * Conditional requests (RFC 9110 §13): `If-Match` with one strong tag or `*`, and
 * `If-None-Match: *`. A revision is the tag of a value.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Condition } from '../kv/vocabulary.ts';
import { badRequest } from './errors.ts';

const NO_CONDITION: Condition = {};

export function etagOf(revision: number): string {
  return `"${revision}"`;
}

/** @throws Fault `bad_request` for anything but the forms above */
export function conditionOf(headers: IncomingHttpHeaders): Condition {
  const match = headers['if-match'];
  const noneMatch = headers['if-none-match'];
  if (match === undefined && noneMatch === undefined) return NO_CONDITION;
  if (match !== undefined && noneMatch !== undefined) {
    throw badRequest('send If-Match or If-None-Match, not both');
  }
  if (match === undefined) return absent(noneMatch ?? '');
  if (match.trim() === '*') return { ifExists: true };
  return { ifRevision: revisionOf(match) };
}

function absent(noneMatch: string): Condition {
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
