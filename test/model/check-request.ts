/**
 * What is true of every step of a request: it is settled once, and what is said of it in
 * the end agrees with what became of its attempts, kept here from events and effects (§8).
 */
import type { AttemptResult, RequestEffect, RequestState } from '../../machines/rules/request.ts';
import type { Step } from './step.ts';
import type { Wrong } from './walk.ts';

/** What became of the attempts of one request. */
class Attempts {
  /** Sent, and neither answered nor known not to have left. */
  open = 0;
  /** Given up: it may have come through, or may yet. */
  unknown = 0;
  isSettled = false;
  readonly isCommand: boolean;
  readonly isOnce: boolean;

  constructor(kind: string) {
    this.isCommand = kind === 'command' || kind === 'sequencedCommand';
    this.isOnce = kind === 'command';
  }

  giveUp(): void {
    this.unknown += this.open;
    this.open = 0;
  }
}

export function checkRequest(steps: readonly Step<RequestState>[]): Wrong | null {
  let attempts = new Attempts('');
  for (const [at, { event, context, said, timers, value, error }] of steps.entries()) {
    const { attempt: sent } = steps[at - 1]?.context ?? context;
    const isAsking = typeof value !== 'string';
    const wrong = (because: string): Wrong => ({ at, because: `a step breaks a rule: ${because}` });
    if (error !== null) {
      if (event.type !== 'request.submitted' || attempts.isSettled) {
        return wrong('only a request beside another stops an actor');
      }
      continue;
    }
    if (event.type === 'request.submitted') attempts = new Attempts(context.request?.kind ?? '');
    hear(attempts, event as never, sent);
    for (const effect of said.map((word) => word.event as RequestEffect)) {
      if (effect.type === 'abandonRequest') attempts.giveUp();
      if (effect.type === 'sendRequest') {
        if (attempts.isSettled) return wrong('what is settled is not sent again');
        if (attempts.open > 0) return wrong('one attempt is under way at a time');
        if (attempts.isOnce && attempts.unknown > 0)
          return wrong('a command without a session is never repeated in doubt (§8)');
        attempts.open += 1;
      }
      if (effect.type === 'settle') {
        if (attempts.isSettled) return wrong('a request is settled once');
        attempts.isSettled = true;
        const isOpen = attempts.isCommand && attempts.open + attempts.unknown > 0;
        if (effect.result.outcome === 'refused' && isOpen)
          return wrong('what may have taken effect is not called refused (§8)');
      }
    }
    if (context.request !== null && attempts.isSettled === isAsking)
      return wrong('a request is settled, or asked for');
    const deadlines = timers.filter((timer) => timer.startsWith('xstate.after.deadline.'));
    if (deadlines.length !== (isAsking ? 1 : 0)) return wrong('one deadline runs while asking');
  }
  return null;
}

interface End {
  readonly type: string;
  readonly attempt?: number;
  readonly result?: AttemptResult;
}

/** An end speaks of its own attempt; when it is unknown it leaves open what became of that. */
function hear(attempts: Attempts, { type, attempt, result }: End, sent: number): void {
  if (type !== 'attempt.ended' || attempt !== sent || attempts.open === 0) return;
  if (result?.type === 'unknown') attempts.giveUp();
  else attempts.open = 0;
}
