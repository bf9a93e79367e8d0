/**
 * What the answers of the service over HTTP mean: for the request machine, and for the caller. The
 * only file that knows the statuses. Bodies are read with care: anybody may stand at the other end.
 */
import type { AttemptResult, RequestResult, RetryableError } from '../../machines/rules/request.ts';
import type { Fields } from '../formats/fields.ts';
import type { HttpResponse } from '../ports/http.ts';
import type { ClientOutcome, ClientRefusalReason, ClientRefused } from '../ports/outcome.ts';

/** The fields of an object; none of anything else. */
export function objectIn(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

export function jsonIn({ body }: HttpResponse): Fields {
  try {
    return objectIn(JSON.parse(new TextDecoder().decode(body)));
  } catch {
    return {};
  }
}

export function numberIn(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** The revision an `ETag` stands for; 0 when there is none. */
export function revisionIn(answer: HttpResponse): number {
  return Number(/^"(\d+)"$/.exec(answer.header('etag') ?? '')?.[1] ?? 0);
}

function errorIn(answer: HttpResponse): Fields {
  return objectIn(jsonIn(answer).error);
}

/** What a server says of an error, or that it says nothing. */
export function errorMessageIn(answer: HttpResponse): string {
  const { message } = errorIn(answer);
  return typeof message === 'string' ? message : `The server answered ${answer.status}.`;
}

/** The code of an error, in the spelling of reasons: `no-leader` for `no_leader`. */
function codeIn(answer: HttpResponse): string {
  return String(errorIn(answer).code).replaceAll('_', '-');
}

const unavailable = (reason: RetryableError): AttemptResult => ({ type: 'unavailable', reason });

function isGood({ status }: HttpResponse): boolean {
  return status >= 200 && status < 300;
}

/** What an answer means for its request. Statuses that are not named here may hide an effect. */
export function attemptResultOf(answer: HttpResponse): AttemptResult {
  const { status } = answer;
  // What the state machine says of a repeat (404, 412) is what it said of the first attempt.
  if (isGood(answer) || status === 404 || status === 412) return { type: 'answered' };
  if (status === 307) {
    // Of `Location` only the server counts: the client knows what to ask of it.
    const [leader] = /^https?:\/\/[^/?#]+/.exec(answer.header('location') ?? '') ?? [];
    return leader === undefined ? unavailable('redirected') : { type: 'elsewhere', leader };
  }
  if (status === 429) return unavailable('overloaded');
  if (status === 503) {
    const code = codeIn(answer);
    return unavailable(code === 'stopping' || code === 'not-ready' ? code : 'no-leader');
  }
  const isRefused = (status >= 400 && status < 500) || status === 507;
  return isRefused ? { type: 'refused' } : { type: 'unknown', reason: 'outcome-unknown' };
}

/** Whether the session that a command was sent in is gone. */
export function hasSessionExpired(answer: HttpResponse | null): boolean {
  return answer?.status === 410;
}

/** Codes that are reasons, too; any other is `rejected`. */
const reasons: ReadonlySet<string> = new Set<ClientRefusalReason>([
  'condition-failed',
  'too-large',
  'quota-exceeded',
  'session-expired',
  'answer-discarded',
  'command-failed',
  'unauthenticated',
  'forbidden',
]);

/** @param code - of an error, in the spelling of reasons */
export function refusalReason(code: string): ClientRefusalReason {
  return reasons.has(code) ? (code as ClientRefusalReason) : 'rejected';
}

/** An answer that says no, for good. */
export function refusalIn(answer: HttpResponse): ClientRefused {
  const reason = refusalReason(codeIn(answer));
  const refused = { outcome: 'refused', reason, message: errorMessageIn(answer) } as const;
  if (reason !== 'condition-failed') return refused;
  const { revision } = errorIn(answer);
  return { ...refused, revision: typeof revision === 'number' ? revision : revisionIn(answer) };
}

const refusals = {
  unreachable: 'No server could be reached, so nothing was sent; check the endpoints.',
  'no-leader': 'The servers currently know no leader, so nothing was applied; try again.',
  'not-ready': 'The leader is not ready yet, so nothing was applied; try again.',
  overloaded: 'Too much is waiting already, so nothing was applied; try again more slowly.',
  stopping: 'The server is stopping, so nothing was applied; try again.',
  redirected: 'The servers do not agree on who leads, so nothing was applied; try again.',
  cancelled: 'It was abandoned before it was sent.',
  'too-large': 'A value has at most 1 MiB.',
} as const;

/** What the client itself refuses, in its own words or those of the `note`. */
export function refusedFor(reason: keyof typeof refusals, note?: string | null): ClientRefused {
  return { outcome: 'refused', reason, message: note ?? refusals[reason] };
}

const unknowns = {
  'timed-out': 'No answer came in time',
  'connection-lost': 'The connection broke before the answer came',
  'outcome-unknown': 'The server cannot say',
  cancelled: 'It was abandoned after it was sent',
} as const;

/** What a server has answered, whichever way it came. */
export interface ReceivedAnswer {
  /** What it means for the request. */
  readonly result: AttemptResult;
  /** Whether the session that the command was sent in is gone. */
  readonly hasSessionExpired: boolean;
  /** What the server says of an error. */
  errorMessage(): string;
  /** What it means for the caller, if it is the last word. */
  outcome(): ClientOutcome<unknown>;
}

/** What the attempts of one request have learned so far. */
export class Attempts {
  /** The latest answer. */
  answer: ReceivedAnswer | null = null;
  /** Why the latest attempt was not sent, where there is more to say than that. */
  note: string | null = null;
  /** Why the latest one was not applied, as far as is known. */
  error: RetryableError = 'unreachable';
}

/** How a good answer reads. */
export interface AnswerReader<Result> {
  /** Undefined when it makes no sense. */
  read(answer: HttpResponse): Result | undefined;
  /** What it means that there is no such key. Default: a refusal. */
  readonly notFound?: Result;
}

/** @param answer - over HTTP */
export function receivedOverHttp<Result>(
  answer: HttpResponse,
  reader: AnswerReader<Result>,
): ReceivedAnswer {
  return {
    result: attemptResultOf(answer),
    hasSessionExpired: hasSessionExpired(answer),
    errorMessage: () => errorMessageIn(answer),
    outcome() {
      const none = answer.status === 404 ? reader.notFound : undefined;
      const result = isGood(answer) ? reader.read(answer) : none;
      if (result === undefined) return refusalIn(answer);
      const index = Number(answer.header('statecraft-index') ?? 0);
      return { outcome: 'applied', result, index: Number.isSafeInteger(index) ? index : 0 };
    },
  };
}

export function outcomeOf(
  settled: RequestResult,
  { answer, note }: Attempts,
): ClientOutcome<unknown> {
  if (settled.outcome === 'refused') {
    const reason = settled.reason === 'untrusted' ? 'unreachable' : settled.reason;
    if (reason === 'cancelled') return refusedFor(reason);
    const isAnswered = reason !== 'unreachable' && (reason !== 'redirected' || note === null);
    return refusedFor(reason, isAnswered && answer !== null ? answer.errorMessage() : note);
  }
  if (settled.outcome === 'answered' && answer !== null) return answer.outcome();
  const reason = settled.outcome === 'unknown' ? settled.reason : 'connection-lost';
  const message = `${unknowns[reason]}: it may have been applied, or may yet be.`;
  return { outcome: 'unknown', reason, message };
}
