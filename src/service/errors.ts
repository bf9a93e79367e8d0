/**
 * What a client of the HTTP service can be refused with: one table of codes and statuses, and the
 * one exception that carries them to the answer.
 */
import type { ServerId } from '../../machines/rules/entries.ts';

/** Every error code a client can receive, with its HTTP status. */
export const STATUS_OF = {
  not_leader: 307,
  bad_request: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  answer_discarded: 409,
  session_expired: 410,
  condition_failed: 412,
  too_large: 413,
  expectation_failed: 417,
  wrong_host: 421,
  command_failed: 422,
  upgrade_required: 426,
  overloaded: 429,
  internal: 500,
  no_leader: 503,
  not_ready: 503,
  stopping: 503,
  outcome_unknown: 504,
  quota_exceeded: 507,
} as const;

type ErrorCode = keyof typeof STATUS_OF;

/** What an error answer contains beside its code and message. */
interface ErrorDetails {
  readonly leader?: ServerId;
  /** Where it answers clients, for those who do not follow redirects. Not in the body. */
  readonly leaderAddress?: string;
  /** The key's present revision, 0 for none. */
  readonly revision?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Ends a request with an error answer. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: ErrorCode;
  readonly #details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.code = code;
    this.#details = details;
  }

  get details(): Omit<ErrorDetails, 'headers'> {
    return this.#details;
  }

  /** Whether trying again in a moment may help. */
  get mayRetry(): boolean {
    return this.status === 429 || this.status === 503;
  }

  get status(): number {
    return STATUS_OF[this.code];
  }

  /** With when to try again, where that helps. */
  get headers(): Readonly<Record<string, string>> {
    return { ...(this.mayRetry ? { 'retry-after': '1' } : {}), ...this.#details.headers };
  }

  get body(): string {
    const { code, message } = this;
    const { leader, revision } = this.#details;
    return JSON.stringify({ error: { code, message, leader, revision } });
  }
}

export function badRequest(message: string): HttpError {
  return new HttpError('bad_request', message);
}

/**
 * Errors of the framework become ours. Anything else is a bug of this server: a write that fails by
 * it may have been appended, so its outcome is unknown.
 */
export function toHttpError(error: unknown, { method }: { readonly method: string }): HttpError {
  if (error instanceof HttpError) return error;
  const { statusCode, message = error } = (error ?? {}) as Record<string, unknown>;
  const text = String(message);
  const isOfClient = Number(statusCode) >= 400 && Number(statusCode) < 500;
  if (error instanceof TypeError || isOfClient) return badRequest(text);
  if (method === 'GET' || method === 'HEAD') return new HttpError('internal', text);
  return new HttpError('outcome_unknown', `${text}: the request may have been applied`);
}
