/**
 * A client's rules (§8; thesis §6.3): whom to ask next, when a repeat is safe, and what is known of a
 * request when it is given up. What an answer means is in `server-answers.ts`.
 *
 * The paper says only that clients try servers until they find the leader and repeat under a serial
 * number. What is definitely not applied, and what is in doubt, is told apart here.
 */

import { invariant } from './invariant.ts';
import { type ServerAnswer, type SetbackReason, setbackOf } from './server-answers.ts';

/** Where a server answers clients, e.g. `http://127.0.0.1:7101`. */
export type Endpoint = string;

/**
 * What a client asks for. A `command` without a session takes effect as often as it arrives; a
 * `sequencedCommand` at most once (§8). Opening a session twice is harmless; reads change nothing,
 * and any server answers a `staleRead`.
 */
export type RequestKind = 'command' | 'sequencedCommand' | 'openSession' | 'read' | 'staleRead';

export interface ClientRequest {
  readonly kind: RequestKind;
  /** By then it is settled, in milliseconds. */
  readonly timeoutMs: number;
  /** How long one copy may wait for its answer before another server is asked. */
  readonly attemptTimeoutMs: number;
}

/** What is known of a request in the end. */
export type Verdict =
  /** The last answer is the outcome; its body says more. */
  | { readonly outcome: 'answered' }
  /** It has not taken effect, and never will. */
  | { readonly outcome: 'refused'; readonly reason: SetbackReason | 'cancelled' }
  /** It may have taken effect, or may yet. */
  | { readonly outcome: 'unknown'; readonly reason: GivingUp };

export interface ClientState {
  /** The servers we were told of. */
  readonly endpoints: readonly Endpoint[];
  /** Where the leader was last, as far as we know. */
  readonly leader: Endpoint | null;
  /** Null before the first. */
  readonly request: ClientRequest | null;
  /** Where the latest copy went, or goes next; null before the first. */
  readonly endpoint: Endpoint | null;
  /** Numbers the copies, over all requests, so that late answers are known for what they are. */
  readonly attempt: number;
  /** Whether the latest copy may still be answered. */
  readonly isAwaited: boolean;
  /** A copy of a command was sent whose fate is not known. */
  readonly isInDoubt: boolean;
  /** Servers asked since the last pause: when all were, it is time for one. */
  readonly tried: number;
  /** Redirects since the last pause. */
  readonly redirects: number;
  /** Pauses so far, for this request. */
  readonly pauses: number;
  /** Why the latest copy was not applied. */
  readonly setback: SetbackReason;
  readonly verdict: Verdict | null;
}

/** More without a pause, and the servers disagree about who leads: better to wait. */
const redirectsMax = 3;
const backoffMinMs = 20;
const backoffMaxMs = 500;

/** What is new with each request. */
const fresh = {
  isAwaited: false,
  isInDoubt: false,
  tried: 0,
  redirects: 0,
  pauses: 0,
  setback: 'unreachable',
  verdict: null,
} as const;

/** @throws TypeError without an endpoint. */
export function initialClientState(endpoints: readonly Endpoint[]): ClientState {
  if (endpoints.length === 0) throw new TypeError('A client needs at least one endpoint.');
  return { endpoints, leader: null, request: null, endpoint: null, attempt: 0, ...fresh };
}

/** A request with what others have learnt about the leader since the last one. */
export interface Submission {
  readonly request: ClientRequest;
  readonly leader: Endpoint | null;
}

export function takeRequest(state: ClientState, { request, leader }: Submission): ClientState {
  return { ...state, ...fresh, request, leader };
}

export function assertOneAtATime(state: ClientState): void {
  invariant(
    state.verdict !== null,
    'a session is given its next request when it has settled the last',
  );
}

/** No leader is known: the server after the one asked last, in turn. */
export function chooseEndpoint(state: ClientState): ClientState {
  const { endpoints, endpoint } = state;
  const last = endpoint === null ? -1 : endpoints.indexOf(endpoint);
  return { ...state, endpoint: endpoints[(last + 1) % endpoints.length] ?? null };
}

export function recordSent(state: ClientState): ClientState {
  return {
    ...state,
    endpoint: state.leader ?? state.endpoint,
    attempt: state.attempt + 1,
    tried: state.tried + 1,
    isAwaited: true,
  };
}

/** Whether it is about a copy that was given up, not about the one we wait for. */
export function isLate(state: ClientState, { attempt }: { readonly attempt: number }): boolean {
  return attempt !== state.attempt;
}

/** Another copy does no harm, whatever became of the ones before. */
export function mayRepeat({ request }: ClientState): boolean {
  return request !== null && request.kind !== 'command';
}

/** Nobody told us whom to ask, and there are servers we have not asked since the last pause. */
export function hasUntriedEndpoint(state: ClientState): boolean {
  return state.leader === null && state.tried < state.endpoints.length;
}

export function mayFollow(state: ClientState): boolean {
  return state.redirects <= redirectsMax;
}

export function knowsLeader(state: ClientState): boolean {
  return state.leader !== null;
}

export function noteRedirect(state: ClientState, { leader }: ServerAnswer): ClientState {
  return {
    ...state,
    leader,
    redirects: state.redirects + 1,
    isAwaited: false,
    setback: 'redirected',
  };
}

/** An overloaded leader is still the leader; any other that cannot help may have been replaced. */
export function noteSetback(state: ClientState, answer: ServerAnswer): ClientState {
  const setback = setbackOf(answer) ?? state.setback;
  const leader = setback === 'overloaded' ? state.endpoint : null;
  return { ...state, setback, isAwaited: false, leader };
}

/** The request never left, so it was not applied. */
export function noteUnreachable(state: ClientState): ClientState {
  return { ...state, setback: 'unreachable', isAwaited: false, leader: null };
}

/** It may have arrived: nobody knows. A read leaves nothing behind to wonder about. */
export function noteDoubt(state: ClientState): ClientState {
  const isInDoubt = state.isInDoubt || hasEffect(state);
  return { ...state, isInDoubt, isAwaited: false, leader: null, setback: 'unreachable' };
}

/** The pause is over: all servers may be asked again. */
export function notePause(state: ClientState): ClientState {
  return { ...state, pauses: state.pauses + 1, tried: 0, redirects: 0 };
}

export function noteFinal(state: ClientState): ClientState {
  const leader = state.request?.kind === 'staleRead' ? state.leader : state.endpoint;
  return { ...state, isAwaited: false, leader, verdict: { outcome: 'answered' } };
}

export type GivingUp = 'timed-out' | 'connection-lost' | 'outcome-unknown' | 'cancelled';

/** Refused only when no copy can have come through, nor ever will. */
export function giveUp(state: ClientState, { reason }: { readonly reason: GivingUp }): ClientState {
  const refusal = reason === 'cancelled' ? reason : state.setback;
  const verdict: Verdict =
    state.isInDoubt || state.isAwaited
      ? { outcome: 'unknown', reason }
      : { outcome: 'refused', reason: refusal };
  return { ...state, isAwaited: false, verdict };
}

/** What a session wants done. */
export type SessionEffect =
  | { readonly type: 'sendRequest'; readonly endpoint: Endpoint; readonly attempt: number }
  /** Nobody waits for that copy any more. */
  | { readonly type: 'abandonRequest'; readonly attempt: number }
  | { readonly type: 'settle'; readonly verdict: Verdict; readonly leader: Endpoint | null };

export function requestToSend({ endpoint, attempt }: ClientState): SessionEffect {
  invariant(endpoint !== null, 'a client has chosen a server before it sends');
  return { type: 'sendRequest', endpoint, attempt };
}

export function requestToAbandon({ attempt }: ClientState): SessionEffect {
  return { type: 'abandonRequest', attempt };
}

export function settlement({ verdict, leader }: ClientState): SessionEffect {
  invariant(verdict !== null, 'a client settles a request when it knows what became of it');
  return { type: 'settle', verdict, leader };
}

export function requestOf({ request }: ClientState): ClientRequest {
  invariant(request !== null, 'a client keeps time for a request only');
  return request;
}

/**
 * The pause before asking again: doubling, and between half and the whole of it by `chance` in
 * [0, 1), so that clients that failed together do not return together.
 */
export function backoffMs(state: ClientState, chance: number): number {
  const boundMs = Math.min(backoffMinMs * 2 ** Math.min(state.pauses, 10), backoffMaxMs);
  return boundMs * (0.5 + chance / 2);
}

function hasEffect({ request }: ClientState): boolean {
  return request?.kind === 'command' || request?.kind === 'sequencedCommand';
}
