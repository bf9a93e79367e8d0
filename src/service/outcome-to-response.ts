/**
 * The three outcomes of a call, over HTTP (§8). Applied gives its result; *definitely not applied*
 * is a redirect, a 4xx or a 503; only 504 `outcome_unknown` means "perhaps".
 */
import type { Applied, Outcome, ServerRefused, Unknown, UnknownReason } from '../ports/outcome.ts';
import type { ServiceContext } from './context.ts';
import { Fault, Redirect } from './errors.ts';

const SOON = { 'retry-after': '1' };

/**
 * @param target - path and query as the request had them, for a redirect
 * @throws Fault or Redirect for everything but an applied command
 */
export function appliedOrThrow<Result>(
  context: ServiceContext,
  outcome: Outcome<Result>,
  target: string,
): Applied<Result> {
  if (outcome.outcome === 'applied') return outcome;
  if (outcome.outcome === 'refused') throw refusal(context, outcome, target);
  throw unknown(context, outcome);
}

/** A read changes nothing, so one without an answer is not "perhaps": it may be asked again. */
export function readOrThrow<Answer>(
  context: ServiceContext,
  outcome: Outcome<Answer>,
  target: string,
): Applied<Answer> {
  if (outcome.outcome === 'applied') return outcome;
  if (outcome.outcome === 'refused') throw refusal(context, outcome, target);
  if (outcome.reason === 'stopped') throw stopping(context);
  if (outcome.reason === 'leadership-lost') throw notTheLeader(context, target);
  throw new Fault(
    'not_ready',
    `server ${context.server.id} could not confirm within ${context.callTimeoutMs} ms that it ` +
      'still leads a majority, so it read nothing; try again, or read with consistency=stale',
    { headers: SOON },
  );
}

/** @throws Fault or Redirect when this server would not accept a write just now, whatever it is */
export function mayWrite(context: ServiceContext, target: string): void {
  const { role, isReady } = context.server.status();
  if (role === 'leader' && isReady) return;
  if (role === 'leader') throw notReady(context);
  throw notTheLeader(context, target);
}

function notReady({ server }: ServiceContext): Fault {
  return new Fault(
    'not_ready',
    `server ${server.id} leads, but has committed nothing in its term yet; try again in a moment`,
    { headers: SOON },
  );
}

export function stopping(context: ServiceContext): Fault {
  return new Fault('stopping', `server ${context.server.id} is stopping; ask another server`, {
    headers: SOON,
  });
}

export function noSuchSession(): Fault {
  return new Fault(
    'session_expired',
    'no such session, or it has expired: this request was not applied; if it repeats an ' +
      'earlier one, that one may have been',
  );
}

function refusal(
  context: ServiceContext,
  refused: ServerRefused,
  target: string,
): Fault | Redirect {
  const { id } = context.server;
  switch (refused.reason) {
    case 'not-leader':
    case 'overwritten':
      return notTheLeader(context, target);
    case 'not-ready':
      return notReady(context);
    case 'overloaded':
      return new Fault(
        'overloaded',
        refused.message ??
          `server ${id} has too much waiting to be committed or applied; nothing was changed, ` +
            'try again more slowly',
        { headers: SOON },
      );
    case 'too-large':
      return new Fault('too_large', 'the command is larger than the log accepts');
    case 'quota-exceeded':
      return new Fault(
        'quota_exceeded',
        `${refused.message ?? 'the quota is reached'}; nothing was changed, and reads and deletes go on`,
      );
    case 'session-expired':
      return noSuchSession();
    case 'answer-discarded':
      return new Fault(
        'answer_discarded',
        'a later request declared this sequence answered, so its answer is gone; it was not ' +
          'applied again',
      );
    case 'command-failed':
      return new Fault(
        'command_failed',
        `${refused.message ?? 'the state machine threw at this command'}; the same request will ` +
          'fail again',
      );
    case 'stopped':
      return stopping(context);
  }
}

/** To the leader if its address is known, else at once a refusal: elections take a moment. */
function notTheLeader(context: ServiceContext, target: string): Fault | Redirect {
  const { id } = context.server;
  const { leader, leaderClientAddress } = context.server.status();
  if (leader !== null && leader !== id && leaderClientAddress) {
    return new Redirect(leader, `${leaderClientAddress.replace(/\/+$/, '')}${target}`, id);
  }
  return new Fault('no_leader', `server ${id} knows no leader just now; try again in a moment`, {
    headers: SOON,
  });
}

const WHY = {
  'leadership-lost': 'it lost the leadership',
  'timed-out': 'no majority confirmed it in time',
  stopped: 'it stopped',
} as const;

function unknown(context: ServiceContext, outcome: Unknown<UnknownReason>): Fault {
  return new Fault(
    'outcome_unknown',
    `server ${context.server.id} accepted the request, then ${WHY[outcome.reason]}: it may have ` +
      'been applied, or may yet be; read before you repeat it, or repeat it through a session',
  );
}
