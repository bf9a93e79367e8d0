/**
 * The three outcomes of a call, over HTTP (§8). Applied returns its result; *definitely not applied*
 * is a redirect, a 4xx or a 503; only 504 `outcome_unknown` means "perhaps".
 */
import type { IncomingMessage } from 'node:http';
import { leaderLocation } from '../host/http-answer.ts';
import type {
  Outcome,
  ServerApplied,
  ServerRefused,
  Unknown,
  UnknownReason,
} from '../ports/outcome.ts';
import type { ServiceContext } from './context.ts';
import { HttpError } from './errors.ts';
import { redirectTargetOf } from './named-key.ts';

/**
 * @param request - what a redirect repeats; null in a stream, where there is none
 * @throws HttpError for everything but an applied command
 */
export function appliedOrThrow<Result>(
  context: ServiceContext,
  outcome: Outcome<Result>,
  request: IncomingMessage | null,
): ServerApplied<Result> {
  if (outcome.outcome === 'applied') return outcome;
  if (outcome.outcome === 'refused') throw refusal(context, outcome, request);
  throw unknown(context, outcome);
}

/** A read changes nothing, so one without an answer is not "perhaps": it may be repeated. */
export function readOrThrow<Answer>(
  context: ServiceContext,
  outcome: Outcome<Answer>,
  request: IncomingMessage | null,
): ServerApplied<Answer> {
  if (outcome.outcome === 'applied') return outcome;
  if (outcome.outcome === 'refused') throw refusal(context, outcome, request);
  if (outcome.reason === 'stopped') throw stopping(context);
  if (outcome.reason === 'leadership-lost') throw notTheLeader(context, request);
  throw new HttpError(
    'not_ready',
    `server ${context.server.id} could not confirm within ${context.callTimeoutMs} ms that it ` +
      'still leads a majority, so it read nothing; try again, or read with consistency=stale',
  );
}

/** @throws HttpError when this server would not accept any write just now */
export function mayWrite(context: ServiceContext, request: IncomingMessage): void {
  const { role, isReady } = context.server.status();
  if (role !== 'leader') throw notTheLeader(context, request);
  if (!isReady) throw notReady(context);
}

function notReady({ server: { id } }: ServiceContext): HttpError {
  const message = `server ${id} leads, but has committed nothing in its term yet; try again in a moment`;
  return new HttpError('not_ready', message);
}

export function stopping({ server: { id } }: ServiceContext): HttpError {
  return new HttpError('stopping', `server ${id} is stopping; ask another server`);
}

export function noSuchSession(): HttpError {
  return new HttpError(
    'session_expired',
    'no such session, or it has expired: this request was not applied; if it repeats an ' +
      'earlier one, that one may have been',
  );
}

function refusal(
  context: ServiceContext,
  refused: ServerRefused,
  request: IncomingMessage | null,
): HttpError {
  const { reason, message } = refused;
  switch (reason) {
    case 'not-leader':
    case 'overwritten':
      return notTheLeader(context, request);
    case 'not-ready':
      return notReady(context);
    case 'overloaded':
      return new HttpError(
        'overloaded',
        message ??
          `server ${context.server.id} has too much waiting to be committed or applied; nothing ` +
            'was changed, try again more slowly',
      );
    case 'too-large':
      return new HttpError('too_large', 'the command is larger than the log accepts');
    case 'quota-exceeded':
      return quotaExceeded(message ?? 'the quota is reached');
    case 'session-expired':
      return noSuchSession();
    case 'answer-discarded':
      return new HttpError(
        'answer_discarded',
        'a later request declared this sequence answered, so its answer is gone; it was not ' +
          'applied again',
      );
    case 'command-failed':
      return new HttpError(
        'command_failed',
        `${message ?? 'the state machine threw at this command'}; the same request will fail again`,
      );
    case 'stopped':
      return stopping(context);
  }
}

export function quotaExceeded(message: string): HttpError {
  const rest = 'nothing was changed; reads and deletes still work';
  return new HttpError('quota_exceeded', `${message}; ${rest}`);
}

/** Redirects to the leader if its address is known; else refuses at once, since elections are short. */
function notTheLeader({ server }: ServiceContext, request: IncomingMessage | null): HttpError {
  const { id } = server;
  const { leader, leaderClientAddress } = server.status();
  if (leader === null || leader === id || !leaderClientAddress) {
    const message = `server ${id} currently knows no leader; try again in a moment`;
    return new HttpError('no_leader', message);
  }
  if (request === null) {
    const message = `server ${id} does not lead, ${leader} does: ask it`;
    return new HttpError('not_leader', message, { leader, leaderAddress: leaderClientAddress });
  }
  const message = `server ${id} does not lead, ${leader} does: follow the redirect (curl -L)`;
  const headers = { location: leaderLocation(leaderClientAddress, redirectTargetOf(request)) };
  return new HttpError('not_leader', message, { leader, headers });
}

const WHY = {
  'leadership-lost': 'it lost leadership',
  'timed-out': 'no majority confirmed it in time',
  stopped: 'it stopped',
} as const;

function unknown(context: ServiceContext, outcome: Unknown<UnknownReason>): HttpError {
  return new HttpError(
    'outcome_unknown',
    `server ${context.server.id} accepted the request, then ${WHY[outcome.reason]}: it may have ` +
      'been applied, or may still be; read before you repeat it, or repeat it through a session',
  );
}
