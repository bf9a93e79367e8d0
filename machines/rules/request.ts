/**
 * The rules of one client request (§8; thesis §6.3): which server to ask next, when a repeat is safe,
 * and what is known of the request when it is given up.
 *
 * The paper says only that clients try servers until they find the leader, and repeat a command under
 * its serial number. These rules add what a client may conclude: what was definitely not applied, and
 * what may have been.
 */
import { invariant } from './invariant.ts';

/** Where a server answers clients, e.g. `http://127.0.0.1:7101`. */
export type Endpoint = string;

/**
 * What a client asks for. A `command` without a session takes effect as often as it arrives, a
 * `sequencedCommand` at most once (§8). To open or close a `session` twice is harmless. Reads change
 * nothing, and any server answers a `staleRead`.
 */
export type RequestKind = 'command' | 'sequencedCommand' | 'session' | 'read' | 'staleRead';

export interface ClientRequest {
  readonly kind: RequestKind;
  /** It is settled after this time, in milliseconds. */
  readonly timeoutMs: number;
  /** How long one attempt may wait for its answer before another server is asked. */
  readonly attemptTimeoutMs: number;
}

/** Why an attempt was not applied, where another attempt may succeed. */
export type RetryableError =
  /** There was no connection to the server. */
  | 'unreachable'
  | 'no-leader'
  /** The leader is new and has not committed an entry of its term. */
  | 'not-ready'
  /** Too much is waiting there. */
  | 'overloaded'
  | 'stopping'
  /** The servers redirect in circles, or to where the client does not follow. */
  | 'redirected';

/** How one attempt ended. */
export type AttemptResult =
  /** With the answer to the request, whichever attempt it was that took effect. */
  | { readonly type: 'answered' }
  /** Not applied: that server is not the leader, and says who is. */
  | { readonly type: 'elsewhere'; readonly leader: Endpoint }
  /** Not applied: the same request may succeed later, or at another server. */
  | { readonly type: 'unavailable'; readonly reason: RetryableError }
  /** Not sent: the server or the client could not prove who it is, and a repeat changes nothing. */
  | { readonly type: 'untrusted' }
  /** Not applied: the request would be refused again. */
  | { readonly type: 'refused' }
  /** The server may have received the request and applied it. */
  | { readonly type: 'unknown'; readonly reason: 'connection-lost' | 'outcome-unknown' };

/** An attempt by its number, and how it ended. */
export interface AttemptEnd {
  readonly attempt: number;
  readonly result: AttemptResult;
}

/** Why a request was given up. */
export type FailureReason = 'timed-out' | 'connection-lost' | 'outcome-unknown' | 'cancelled';

/** What is known of a request in the end. */
export type RequestResult =
  /** The last answer is the outcome; its body says more. */
  | { readonly outcome: 'answered' }
  /** It has not taken effect, and never will. `untrusted`: at none of the servers. */
  | { readonly outcome: 'refused'; readonly reason: RetryableError | 'cancelled' | 'untrusted' }
  /** It may have taken effect, or may yet. */
  | { readonly outcome: 'unknown'; readonly reason: FailureReason };

export interface RequestState {
  /** The servers that the client was told of. */
  readonly endpoints: readonly Endpoint[];
  /** Where the leader was last, as far as the client knows. */
  readonly leader: Endpoint | null;
  /** Null before the first. */
  readonly request: ClientRequest | null;
  /** Where the latest attempt went, or goes next; null before the first. */
  readonly endpoint: Endpoint | null;
  /** Numbers the attempts, over all requests, so that late answers are recognized. */
  readonly attempt: number;
  /** Whether the latest attempt may still be answered. */
  readonly isAwaited: boolean;
  /** An attempt of a command was sent, and nobody knows what became of it. */
  readonly mayHaveBeenApplied: boolean;
  /** Servers asked since the last pause: when all were, it is time for one. */
  readonly attemptedEndpoints: number;
  /** The servers of the attempts that were `untrusted`. */
  readonly untrusted: readonly (Endpoint | null)[];
  /** Redirects since the last pause. */
  readonly redirects: number;
  /** Pauses so far, for this request. */
  readonly pauses: number;
  /** Why the latest attempt was not applied. */
  readonly error: RetryableError;
  readonly result: RequestResult | null;
}

/** After more redirects without a pause, the servers disagree about who leads: better to wait. */
const redirectsMax = 3;
const backoffMinMs = 20;
const backoffMaxMs = 500;

/** What is new with each request. */
const initialRequestState = {
  isAwaited: false,
  mayHaveBeenApplied: false,
  attemptedEndpoints: 0,
  untrusted: [],
  redirects: 0,
  pauses: 0,
  error: 'unreachable',
  result: null,
} as const;

/** Before the first request. @throws TypeError without an endpoint */
export function idleState(endpoints: readonly Endpoint[]): RequestState {
  if (endpoints.length === 0) throw new TypeError('A client needs at least one endpoint.');
  const none = { leader: null, request: null, endpoint: null, attempt: 0 };
  return { endpoints, ...none, ...initialRequestState };
}

/** A request, with what others have learned about the leader since the last one. */
export type Submission = Pick<RequestState, 'leader'> & { readonly request: ClientRequest };

export function takeRequest(state: RequestState, { request, leader }: Submission): RequestState {
  return { ...state, ...initialRequestState, request, leader };
}

export function assertOneAtATime({ result }: RequestState): void {
  invariant(result !== null, 'a client gives an actor its next request when the last has settled');
}

/** To the leader, if it is known; else to the server after the one asked last, in turn. */
export function beginAttempt(state: RequestState): RequestState {
  const { endpoints, endpoint, leader, attempt, attemptedEndpoints } = state;
  const last = endpoint === null ? -1 : endpoints.indexOf(endpoint);
  return {
    ...state,
    endpoint: leader ?? endpoints[(last + 1) % endpoints.length] ?? null,
    attempt: attempt + 1,
    attemptedEndpoints: attemptedEndpoints + 1,
    isAwaited: true,
  };
}

/** Whether it is about an attempt that was given up, not about the one that is awaited. */
export function isLate(state: RequestState, { attempt }: AttemptEnd): boolean {
  return attempt !== state.attempt;
}

/** That server says who leads; too often in a row, and the servers do not agree. */
export function mayFollow(state: RequestState, { result }: AttemptEnd): boolean {
  return result.type === 'elsewhere' && state.redirects < redirectsMax;
}

/** This attempt was not applied, and the same request may succeed: here later, or elsewhere. */
export function isRetryable(_state: RequestState, { result: { type } }: AttemptEnd): boolean {
  return type === 'elsewhere' || type === 'unavailable' || type === 'untrusted';
}

/** Whether it settles the request for good. */
export function isFinal(state: RequestState, { result }: AttemptEnd): boolean {
  // A refusal speaks of this attempt alone; an earlier one may have been applied (thesis §6.3).
  return result.type === 'refused' ? !state.mayHaveBeenApplied : result.type === 'answered';
}

/** Nobody knows what became of this attempt, and another one does no harm. */
export function isRepeatable(state: RequestState, { result }: AttemptEnd): boolean {
  return result.type === 'unknown' && mayRepeat(state);
}

/** Another attempt does no harm, whatever became of the ones before. */
export function mayRepeat(state: RequestState): boolean {
  return requestOf(state).kind !== 'command';
}

/** No leader is known, and there are servers that were not asked since the last pause. */
export function hasUntriedEndpoint(state: RequestState): boolean {
  return state.leader === null && state.attemptedEndpoints < state.endpoints.length;
}

/** Asking again would not change what is wrong with every server. */
export function isHopeless({ endpoints, untrusted }: RequestState): boolean {
  return new Set(untrusted).size >= endpoints.length;
}

/**
 * What the attempt says of the leader, and of why it was not applied. An overloaded leader is still
 * the leader; any other that cannot help may have been replaced.
 */
export function recordNotApplied(state: RequestState, { result }: AttemptEnd): RequestState {
  const { endpoint, untrusted } = state;
  const ended = { ...state, isAwaited: false };
  switch (result.type) {
    case 'elsewhere': {
      const redirects = state.redirects + 1;
      return { ...ended, leader: result.leader, redirects, error: 'redirected' };
    }
    case 'unavailable': {
      const leader = result.reason === 'overloaded' ? endpoint : null;
      return { ...ended, leader, error: result.reason };
    }
    default:
      return { ...ended, leader: null, untrusted: [...untrusted, endpoint], error: 'unreachable' };
  }
}

/** The attempt may have been applied. A read leaves nothing behind that could be. */
export function recordUnknown(state: RequestState): RequestState {
  const { kind } = requestOf(state);
  const hasEffect = kind === 'command' || kind === 'sequencedCommand';
  const mayHaveBeenApplied = state.mayHaveBeenApplied || hasEffect;
  return { ...state, mayHaveBeenApplied, isAwaited: false, leader: null, error: 'unreachable' };
}

/** The pause is over: all servers may be asked again. */
export function recordPause(state: RequestState): RequestState {
  return { ...state, pauses: state.pauses + 1, attemptedEndpoints: 0, redirects: 0 };
}

export function recordFinal(state: RequestState): RequestState {
  const leader = requestOf(state).kind === 'staleRead' ? state.leader : state.endpoint;
  return { ...state, isAwaited: false, leader, result: { outcome: 'answered' } };
}

/** Refused only when no attempt can have been applied, nor ever will be. */
export function giveUp(state: RequestState, reason: FailureReason | 'untrusted'): RequestState {
  const refusal = reason === 'cancelled' || reason === 'untrusted' ? reason : state.error;
  const result: RequestResult =
    state.mayHaveBeenApplied || state.isAwaited
      ? { outcome: 'unknown', reason: reason === 'untrusted' ? 'connection-lost' : reason }
      : { outcome: 'refused', reason: refusal };
  return { ...state, isAwaited: false, result };
}

/** A command that must not be sent twice, or one that was refused after an attempt in doubt. */
export function giveUpInDoubt(state: RequestState, { result }: AttemptEnd): RequestState {
  return giveUp(state, result.type === 'unknown' ? result.reason : 'outcome-unknown');
}

/** What a request asks its host to do. */
export type RequestEffect =
  | { readonly type: 'sendRequest'; readonly endpoint: Endpoint; readonly attempt: number }
  /** Nobody waits for that attempt any more. */
  | { readonly type: 'abandonRequest'; readonly attempt: number }
  | { readonly type: 'settle'; readonly result: RequestResult; readonly leader: Endpoint | null };

export function requestToSend({ endpoint, attempt }: RequestState): RequestEffect {
  invariant(endpoint !== null, 'a client has chosen a server before it sends');
  return { type: 'sendRequest', endpoint, attempt };
}

export function requestToAbandon({ attempt }: RequestState): RequestEffect {
  return { type: 'abandonRequest', attempt };
}

export function settlement({ result, leader }: RequestState): RequestEffect {
  invariant(result !== null, 'a client settles a request when it knows what became of it');
  return { type: 'settle', result, leader };
}

export function requestOf({ request }: RequestState): ClientRequest {
  invariant(request !== null, 'a client measures time for a request only');
  return request;
}

/**
 * The pause before asking again: doubling, and between half and the whole of it by `chance` in
 * [0, 1), so that clients that failed together do not return together.
 */
export function backoffMs({ pauses }: RequestState, chance: number): number {
  const boundMs = Math.min(backoffMinMs * 2 ** Math.min(pauses, 10), backoffMaxMs);
  return boundMs * (0.5 + chance / 2);
}
