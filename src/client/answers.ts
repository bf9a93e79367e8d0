/** What HTTP answers hold, read with care: anybody may stand at the other end. */

import type { HttpAnswer } from './http-port.ts';
import type { RefusalReason, Refused } from './outcome.ts';

const decoder = new TextDecoder();

export function jsonOf(answer: HttpAnswer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(decoder.decode(answer.body));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

export interface AnsweredError {
  readonly code: string | null;
  readonly message: string;
  readonly revision: number | null;
}

export function errorOf(answer: HttpAnswer): AnsweredError {
  const { error } = jsonOf(answer);
  const fields = (typeof error === 'object' && error !== null ? error : {}) as Record<
    string,
    unknown
  >;
  const { code, message, revision } = fields;
  return {
    code: typeof code === 'string' ? code : null,
    message: typeof message === 'string' ? message : `The server answered ${answer.status}.`,
    revision: typeof revision === 'number' ? revision : null,
  };
}

/** The revision an `ETag` stands for; 0 when there is none. */
export function revisionOf(answer: HttpAnswer): number {
  const digits = /^"(\d+)"$/.exec(answer.header('etag') ?? '')?.[1];
  return digits === undefined ? 0 : Number(digits);
}

export function indexOf(answer: HttpAnswer): number {
  const index = Number(answer.header('statecraft-index') ?? 0);
  return Number.isSafeInteger(index) ? index : 0;
}

export function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** Base64 to bytes, where there may be no Buffer. */
export function bytesOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

const reasons: Readonly<Record<string, RefusalReason>> = {
  condition_failed: 'condition-failed',
  too_large: 'too-large',
  quota_exceeded: 'quota-exceeded',
  session_expired: 'session-expired',
  answer_discarded: 'answer-discarded',
  command_failed: 'command-failed',
  unauthenticated: 'unauthenticated',
  forbidden: 'forbidden',
};

/** An answer that says no, for good. */
export function refusalOf(answer: HttpAnswer): Refused {
  const { code, message, revision } = errorOf(answer);
  const reason = reasons[code ?? ''] ?? 'rejected';
  if (reason !== 'condition-failed') return { outcome: 'refused', reason, message };
  return { outcome: 'refused', reason, message, revision: revision ?? revisionOf(answer) };
}
