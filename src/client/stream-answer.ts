/** What the answers in a stream mean: for the request machine, and for the caller. */
import type { AttemptResult } from '../../machines/rules/request.ts';
import type { ClientOutcome, ClientRefused } from '../ports/outcome.ts';
import type { Answer } from '../streaming/answers.ts';
import { type ReceivedAnswer, refusalReason } from './outcome-mapping.ts';
import type { ServerCall } from './server-call.ts';

type Applied = Exclude<Answer, { readonly type: 'welcome' | 'pong' | 'not-applied' | 'unknown' }>;
type NotApplied = Extract<Answer, { readonly type: 'not-applied' }>;

const ANSWERED = { type: 'answered' } as const;
const UNKNOWN = { type: 'unknown', reason: 'outcome-unknown' } as const;

/** Null for an answer that answers no request. */
export function receivedInStream(answer: Answer, call: ServerCall<unknown>): ReceivedAnswer | null {
  switch (answer.type) {
    case 'welcome':
    case 'pong':
      return null;
    case 'not-applied':
      return refused(answer);
    case 'unknown':
      return failed(answer.message, UNKNOWN, false);
    default:
      return applied(answer, call);
  }
}

function applied(answer: Applied, call: ServerCall<unknown>): ReceivedAnswer {
  const { index } = answer;
  const result = call.readFrame(answer);
  // Another kind of answer than was asked for: nobody knows what that server has done.
  if (result === undefined)
    return failed('The answer is to another kind of request.', UNKNOWN, false);
  return {
    result: ANSWERED,
    hasSessionExpired: false,
    errorMessage: () => '',
    outcome: () => ({ outcome: 'applied', result, index }),
  };
}

function refused(answer: NotApplied): ReceivedAnswer {
  const { code, message, revision } = answer;
  const reason = refusalReason(code.replaceAll('_', '-'));
  const outcome: ClientRefused = { outcome: 'refused', reason, message };
  return {
    result: resultOf(answer),
    hasSessionExpired: code === 'session_expired',
    errorMessage: () => message,
    outcome: () => (reason === 'condition-failed' ? { ...outcome, revision } : outcome),
  };
}

function failed(
  message: string,
  result: AttemptResult,
  hasSessionExpired: boolean,
): ReceivedAnswer {
  const outcome = (): ClientOutcome<never> => ({
    ...{ outcome: 'unknown', reason: 'outcome-unknown', message },
  });
  return { result, hasSessionExpired, errorMessage: () => message, outcome };
}

function resultOf({ code, leaderAddress }: NotApplied): AttemptResult {
  switch (code) {
    case 'not_leader': {
      // Of the address only the server counts: the client knows what to ask of it.
      const [leader] = /^https?:\/\/[^/?#]+/.exec(leaderAddress) ?? [];
      return leader === undefined
        ? { type: 'unavailable', reason: 'redirected' }
        : { type: 'elsewhere', leader };
    }
    case 'overloaded':
      return { type: 'unavailable', reason: 'overloaded' };
    case 'no_leader':
      return { type: 'unavailable', reason: 'no-leader' };
    case 'not_ready':
      return { type: 'unavailable', reason: 'not-ready' };
    case 'stopping':
      return { type: 'unavailable', reason: 'stopping' };
    case 'condition_failed':
      // What the state machine says of a repeat is what it said of the first attempt.
      return ANSWERED;
    case 'internal':
      return UNKNOWN;
    default:
      return { type: 'refused' };
  }
}
