/**
 * What a server's answer to a client means (§8): final, a hint at the leader, a setback that leaves
 * the request as it was, or none of these, and then it may hide an effect.
 */
import type { Endpoint } from './client.ts';

/** What a server said. `code` is its error's; the body is the host's business. */
export interface ServerAnswer {
  readonly status: number;
  readonly code: string | null;
  /** Where it says the leader is. */
  readonly leader: Endpoint | null;
}

export type SetbackReason =
  | 'unreachable'
  | 'no-leader'
  | 'not-ready'
  | 'overloaded'
  | 'stopping'
  | 'redirected';

/** Whether an earlier copy of the request may have come through. */
interface Doubt {
  readonly isInDoubt: boolean;
}

/** Not the leader, and it knows who is. */
export function isRedirect(_state: Doubt, answer: ServerAnswer): boolean {
  return answer.status === 307 && answer.leader !== null;
}

/** This copy was not applied, and the same request may do better: here later, or elsewhere. */
export function setbackOf(answer: ServerAnswer): SetbackReason | null {
  if (answer.status === 307) return 'redirected';
  if (answer.status === 429) return 'overloaded';
  if (answer.status !== 503) return null;
  if (answer.code === 'not_ready') return 'not-ready';
  return answer.code === 'stopping' ? 'stopping' : 'no-leader';
}

export function isSetback(_state: Doubt, answer: ServerAnswer): boolean {
  return setbackOf(answer) !== null;
}

/** Whether an answer settles the request for good. Any other status may hide an effect. */
export function isFinal(state: Doubt, answer: ServerAnswer): boolean {
  if (answer.status >= 200 && answer.status < 300) return true;
  if (!isRefusal(answer)) return false;
  // What the state machine says of a repeat is what it said of the first copy.
  if (answer.status === 404 || answer.status === 412) return true;
  // A refusal speaks of this copy alone; an earlier one may have come through (thesis §6.3).
  return !state.isInDoubt;
}

/** A refusal of this copy leaves open what became of an earlier one: session expired, say. */
export function isRefusalInDoubt(state: Doubt, answer: ServerAnswer): boolean {
  return isRefusal(answer) && !isFinal(state, answer);
}

/** This copy is definitely not applied: 507 says that there is no room for it. */
function isRefusal({ status }: ServerAnswer): boolean {
  return (status >= 400 && status < 500) || status === 507;
}
