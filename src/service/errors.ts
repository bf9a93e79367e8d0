/**
 * What goes wrong for a client of the HTTP service: one table of codes and statuses, and the one
 * exception that carries them to the answer.
 */
import type { ServerId } from '../../machines/rules/entries.ts';

/** Every error code a client can meet, with its HTTP status. */
export const STATUS_OF = {
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
  overloaded: 429,
  internal: 500,
  no_leader: 503,
  not_ready: 503,
  stopping: 503,
  outcome_unknown: 504,
  quota_exceeded: 507,
} as const;

export type ErrorCode = keyof typeof STATUS_OF;

/** What an error answer says beside its code and sentence. */
export interface FaultDetails {
  readonly leader?: ServerId;
  /** The key's present revision, 0 for none. */
  readonly revision?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Ends a request with an error answer. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: ErrorCode;
  readonly details: FaultDetails;

  constructor(code: ErrorCode, message: string, details: FaultDetails = {}) {
    super(message);
    this.code = code;
    this.details = details;
  }

  get status(): number {
    return STATUS_OF[this.code];
  }

  get body(): string {
    const { leader, revision } = this.details;
    return JSON.stringify({
      error: { code: this.code, message: this.message, leader, revision },
    });
  }
}

export function badRequest(message: string): Fault {
  return new Fault('bad_request', message);
}

/** Ends a request with 307: the leader is somewhere else, and nothing was done here. */
export class Redirect extends Error {
  override readonly name = 'Redirect';
  readonly status = 307;
  readonly leader: ServerId;
  readonly location: string;

  constructor(leader: ServerId, location: string, id: ServerId) {
    super(`server ${id} does not lead, ${leader} does: follow the redirect (curl -L)`);
    this.leader = leader;
    this.location = location;
  }

  get body(): string {
    const { leader, message } = this;
    return JSON.stringify({ error: { code: 'not_leader', message, leader } });
  }
}
