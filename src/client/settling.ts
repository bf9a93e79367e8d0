/** From what became of a request to what its caller is told. */
import type { Verdict } from '../../machines/rules/client.ts';
import { errorOf, indexOf, refusalOf } from './answers.ts';
import type { HttpAnswer } from './http-port.ts';
import type { Settlement } from './line.ts';
import type { ClientOutcome, Refused } from './outcome.ts';
import type { NoPlace } from './session-opening.ts';

const refusals = {
  unreachable: 'No server could be reached, so nothing was sent; check the endpoints.',
  'no-leader': 'The servers know no leader just now, so nothing was applied; try again.',
  'not-ready': 'The leader is not ready yet, so nothing was applied; try again.',
  overloaded: 'Too much is waiting already, so nothing was applied; try again more slowly.',
  stopping: 'The server is stopping, so nothing was applied; try again.',
  redirected: 'The servers do not agree who leads, so nothing was applied; try again.',
  cancelled: 'It was given up before it was sent.',
} as const;

const unknowns = {
  'timed-out': 'No answer came in time',
  'connection-lost': 'The connection broke before the answer came',
  'outcome-unknown': 'The server cannot say',
  cancelled: 'It was given up after it was sent',
} as const;

/** `read` makes the result of a good answer. */
export function outcomeOf<Result>(
  { verdict, answer, note }: Settlement,
  read: (answer: HttpAnswer) => Result | undefined,
): ClientOutcome<Result> {
  if (verdict.outcome === 'answered' && answer !== null) {
    const result = read(answer);
    if (result === undefined) return refusalOf(answer);
    return { outcome: 'applied', result, index: indexOf(answer) };
  }
  if (verdict.outcome === 'refused') return refusal(verdict, answer, note);
  const reason = verdict.outcome === 'unknown' ? verdict.reason : 'connection-lost';
  const message = `${unknowns[reason]}: it may have been applied, or may yet be.`;
  return { outcome: 'unknown', reason, message };
}

/** The command waited for a session or a place in it until its deadline: it was never sent. */
export function withoutPlace({ reason, answer, note }: NoPlace): Refused {
  if (answer !== null) return refusalOf(answer);
  return { outcome: 'refused', reason, message: note ?? refusals[reason] };
}

export function cancelled(): Refused {
  return { outcome: 'refused', reason: 'cancelled', message: refusals.cancelled };
}

export function tooLarge(): Refused {
  return { outcome: 'refused', reason: 'too-large', message: 'A value has at most 1 MiB.' };
}

function refusal(
  verdict: Verdict & { outcome: 'refused' },
  answer: HttpAnswer | null,
  note: string | null,
): Refused {
  const { reason } = verdict;
  if (note !== null && (reason === 'unreachable' || reason === 'redirected')) {
    return { outcome: 'refused', reason, message: note };
  }
  const isAnswered = answer !== null && reason !== 'unreachable' && reason !== 'cancelled';
  const message = isAnswered ? errorOf(answer).message : refusals[reason];
  return { outcome: 'refused', reason, message };
}
