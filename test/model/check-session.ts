/**
 * What is true of every step of a session: each request is settled once, and what is said of it in
 * the end agrees with what became of its copies, kept here from events and effects (§8).
 */
import type { ClientState, SessionEffect } from '../../machines/rules/client.ts';
import type { Step } from './step.ts';
import type { Wrong } from './walk.ts';

/** What became of the copies of one request. */
class Copies {
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

export function checkSession(steps: readonly Step<ClientState>[]): Wrong | null {
  let copies = new Copies('');
  for (const [at, { event, context, said, timers, value, error }] of steps.entries()) {
    const { attempt: sent } = steps[at - 1]?.context ?? context;
    const isAsking = typeof value !== 'string';
    const wrong = (because: string): Wrong => ({ at, because: `a step breaks a rule: ${because}` });
    if (error !== null) {
      if (event.type !== 'request.submitted' || copies.isSettled) {
        return wrong('only a request beside another stops a session');
      }
      continue;
    }
    if (event.type === 'request.submitted') copies = new Copies(context.request?.kind ?? '');
    hear(copies, event as never, sent);
    for (const effect of said.map((word) => word.event as SessionEffect)) {
      if (effect.type === 'abandonRequest') copies.giveUp();
      if (effect.type === 'sendRequest') {
        if (copies.isSettled) return wrong('what is settled is not sent again');
        if (copies.open > 0) return wrong('one copy is under way at a time');
        if (copies.isOnce && copies.unknown > 0)
          return wrong('a command without a session is never repeated in doubt (§8)');
        copies.open += 1;
      }
      if (effect.type === 'settle') {
        if (copies.isSettled) return wrong('a request is settled once');
        copies.isSettled = true;
        const isOpen = copies.isCommand && copies.open + copies.unknown > 0;
        if (effect.verdict.outcome === 'refused' && isOpen)
          return wrong('what may have taken effect is not called refused (§8)');
      }
    }
    if (context.request !== null && copies.isSettled === isAsking)
      return wrong('a request is settled, or asked for');
    const deadlines = timers.filter((timer) => timer.startsWith('xstate.after.deadline.'));
    if (deadlines.length !== (isAsking ? 1 : 0)) return wrong('one deadline runs while asking');
  }
  return null;
}

interface Answer {
  readonly type: string;
  readonly attempt?: number;
  readonly status?: number;
}

/** An answer speaks of its own copy; any status but these leaves open what became of it. */
function hear(copies: Copies, { type, attempt, status = 0 }: Answer, sent: number): void {
  if (attempt !== sent || copies.open === 0) return;
  const isClear = type === 'answer.received' && (status < 500 || status === 503);
  if (isClear || type === 'connection.refused') copies.open = 0;
  if ((type === 'answer.received' && !isClear) || type === 'connection.lost') copies.giveUp();
}
