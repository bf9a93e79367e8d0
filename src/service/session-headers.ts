/** The headers that put a write into a session (§8): each sequence takes effect at most once. */
import type { IncomingHttpHeaders } from 'node:http';
import type { SessionCommand } from '../ports/outcome.ts';
import { badRequest } from './errors.ts';

export const SESSION_HEADERS = {
  session: 'Statecraft-Session',
  sequence: 'Statecraft-Sequence',
  firstUnanswered: 'Statecraft-First-Unanswered',
} as const;

type SessionHeader = (typeof SESSION_HEADERS)[keyof typeof SESSION_HEADERS];

/** As Node.js names them. */
const NAMED = new Map(Object.values(SESSION_HEADERS).map((name) => [name, name.toLowerCase()]));

/** @throws HttpError `bad_request` when one header stands without the other, or is no number */
export function sessionOf(headers: IncomingHttpHeaders): SessionCommand | undefined {
  const session = numberIn(headers, SESSION_HEADERS.session);
  const sequence = numberIn(headers, SESSION_HEADERS.sequence);
  const firstUnanswered = numberIn(headers, SESSION_HEADERS.firstUnanswered);
  if (session === undefined && sequence === undefined) {
    if (firstUnanswered === undefined) return undefined;
    throw badRequest(
      `${SESSION_HEADERS.firstUnanswered} needs ${SESSION_HEADERS.session} and ${SESSION_HEADERS.sequence}`,
    );
  }
  if (session === undefined || sequence === undefined) {
    throw badRequest(
      `send ${SESSION_HEADERS.session} and ${SESSION_HEADERS.sequence} together, or neither`,
    );
  }
  if (firstUnanswered === undefined) return { session, sequence };
  if (firstUnanswered > sequence) {
    throw badRequest(
      `${SESSION_HEADERS.firstUnanswered} (${firstUnanswered}) is above ${SESSION_HEADERS.sequence} (${sequence}), ` +
        'which is not answered yet either',
    );
  }
  return { session, sequence, firstUnanswered };
}

/** A session's number in a path or a header: a positive safe integer in plain digits. */
export function positiveInteger(text: string): number | null {
  const value = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(value) ? value : null;
}

function numberIn(headers: IncomingHttpHeaders, name: SessionHeader): number | undefined {
  const text = headers[NAMED.get(name) ?? name];
  if (text === undefined) return undefined;
  const value = positiveInteger(String(text));
  if (value === null) throw badRequest(`${name}: ${text} is not a whole number from 1 on`);
  return value;
}
