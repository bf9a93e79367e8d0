/**
 * A session on the server's own side (§8; thesis §6.3): numbers its commands, and repeats them by the
 * rules of every client of ours (`sessionMachine`) until they are applied or definitely refused. What
 * it asks is this server alone, which learns of a command's fate also as a follower.
 */
import { createActor } from 'xstate';
import { backoffMs, type RequestKind, type Verdict } from '../../machines/rules/client.ts';
import type { ServerAnswer } from '../../machines/rules/server-answers.ts';
import { sessionMachine } from '../../machines/session.ts';
import type { Clock } from '../ports/clock.ts';
import type { Outcome, SessionCommand } from '../ports/outcome.ts';
import type { Random } from '../ports/random.ts';
import type { CallOptions, OpenedSession, Server, Session } from '../ports/server.ts';
import type { AnswerTo, Given } from '../ports/typed-calls.ts';
import { SessionGate } from '../session/session-gate.ts';
import { timeoutOf } from '../session/timeout.ts';
import { refusal } from './calls.ts';
import type { Engine } from './engine.ts';
import type { HostOptions } from './host-options.ts';

/** What a session asks of its server. */
export interface SessionPort {
  readonly clock: Clock;
  readonly random: Random;
  open(timeoutMs: number): Promise<Outcome<OpenedSession>>;
  propose(command: unknown, place: SessionCommand, timeoutMs: number): Promise<Outcome<unknown>>;
  close(session: number): Promise<unknown>;
  /** The command's answer, if this server has applied it: a follower knows it, too. */
  answerTo(place: SessionCommand): Outcome<unknown> | null;
}

export function portOf(
  server: Server,
  { sessions, applied }: Engine,
  { clock, random }: Pick<HostOptions, 'clock' | 'random'>,
  owner: string,
): SessionPort {
  return {
    // Not the engine's own: that falls silent with the server, and a command settles nevertheless.
    clock,
    random,
    open: (timeoutMs) => server.openSession({ owner, timeoutMs }),
    propose: (command, session, timeoutMs) => server.propose(command, { session, timeoutMs }),
    close: (session) => server.closeSession(session, { timeoutMs: CLOSING_MS }),
    answerTo: ({ session, sequence }) => {
      const kept = sessions.answerTo(session, sequence);
      if (kept === null) return null;
      const told = applied.repeated(kept);
      return told.outcome === 'applied' ? told : refusal(told.reason, null, told.message);
    },
  };
}

/** What is asked of the port, each time anew. */
type Attempt = (timeoutMs: number) => Promise<Outcome<unknown>>;

/** What is known of a request in the end, and what was said of it last. */
interface Asked {
  readonly verdict: Verdict;
  readonly last: Outcome<unknown>;
}

const TIMEOUT_MS = 10_000;
/** A session that is not closed in time expires by itself. */
const CLOSING_MS = 1_000;
/** The machine asks servers by their addresses; there is but this one. */
const HERE = 'here';

export class CommandSession<Command, Result> implements Session<Command, Result> {
  readonly #port: SessionPort;
  readonly #machine: typeof sessionMachine;
  readonly #gate: SessionGate<Outcome<never>>;
  /** Gives up what is under way. Not one signal for all: platforms warn of many listeners. */
  readonly #cancels = new Set<() => void>();
  #isClosed = false;

  constructor(port: SessionPort) {
    const { clock, random } = port;
    this.#port = port;
    this.#machine = sessionMachine.provide({
      delays: { backoff: ({ context }) => backoffMs(context, random.next()) },
    });
    this.#gate = new SessionGate<Outcome<never>>(
      {
        open: (deadlineMs) => this.#open(deadlineMs),
        expired: (isOpening) => refusal(isOpening ? 'not-ready' : 'overloaded', null),
        cancelled: () => refusal('not-ready', null),
      },
      clock,
    );
  }

  async propose<Type = string>(
    command: Given<Command, Type>,
    { timeoutMs = TIMEOUT_MS, signal }: CallOptions = {},
  ): Promise<Outcome<AnswerTo<Command, Type, Result>>> {
    if (this.#isClosed) {
      throw new TypeError('This session was closed; begin another one with server.session().');
    }
    const deadlineMs = this.#port.clock.now() + timeoutOf(timeoutMs);
    if (signal?.aborted) return refusal('not-ready', null);
    const place = await this.#gate.enter(deadlineMs, signal);
    if (!('window' in place)) return place;
    const { window, sequence } = place;
    let isExpired = false;
    try {
      // Given up between its place and here: nothing was submitted.
      if (signal?.aborted || this.#isClosed) return refusal('not-ready', null);
      const asked = await this.#ask('sequencedCommand', deadlineMs, signal, async (left) => {
        const placed = window.placeOf(sequence);
        const known = this.#port.answerTo(placed);
        return known ?? this.#port.propose(command, placed, left);
      });
      const { last } = asked;
      isExpired = last.outcome === 'refused' && last.reason === 'session-expired';
      return told(asked) as Outcome<AnswerTo<Command, Type, Result>>;
    } finally {
      this.#gate.leave(place, isExpired);
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#gate.close();
    for (const cancel of this.#cancels) cancel();
    const { session } = this.#gate;
    if (session !== null) await this.#port.close(session);
  }

  async #open(deadlineMs: number): Promise<{ readonly session: number } | Outcome<never> | null> {
    const { verdict, last } = await this.#ask('openSession', deadlineMs, undefined, async (left) =>
      this.#port.open(left),
    );
    // Late, which is no answer: whoever may wait for longer is not refused for it.
    if (verdict.outcome !== 'answered') return null;
    if (last.outcome !== 'applied') return last;
    return { session: (last.result as OpenedSession).session };
  }

  /** One request through the chart; rejects for misuse only, as the port does. */
  #ask(
    kind: RequestKind,
    deadlineMs: number,
    signal: AbortSignal | undefined,
    attempt: Attempt,
  ): Promise<Asked> {
    const { clock } = this.#port;
    return new Promise((resolve, reject) => {
      let last: Outcome<unknown> = refusal('not-ready', null);
      const actor = createActor(this.#machine, { input: { endpoints: [HERE] }, clock });
      const cancel = () => actor.send({ type: 'request.cancelled' });
      let isEnded = false;
      const end = (settle: () => void) => {
        isEnded = true;
        signal?.removeEventListener('abort', cancel);
        this.#cancels.delete(cancel);
        actor.stop();
        settle();
      };
      actor.on('sendRequest', ({ attempt: number }) => {
        attempt(Math.max(0, deadlineMs - clock.now())).then(
          (outcome) => {
            if (isEnded) return;
            last = outcome;
            const { isInDoubt } = actor.getSnapshot().context;
            const answer = answerOf(outcome, isInDoubt);
            actor.send({ type: 'answer.received', attempt: number, ...answer });
          },
          (misuse) => end(() => reject(misuse)),
        );
      });
      actor.on('settle', ({ verdict }) => end(() => resolve({ verdict, last })));
      signal?.addEventListener('abort', cancel);
      this.#cancels.add(cancel);
      actor.start();
      const timeoutMs = Math.max(0, deadlineMs - clock.now());
      // One copy waits for as long as the request may: there is no other server to ask.
      const request = { kind, timeoutMs, attemptTimeoutMs: timeoutMs };
      actor.send({ type: 'request.submitted', request, leader: null });
    });
  }
}

/** What the outcome would be over HTTP, in whose words the rules of clients are written. */
function answerOf(outcome: Outcome<unknown>, isInDoubt: boolean): ServerAnswer {
  const status = statusOf(outcome, isInDoubt);
  return { status, code: status === 503 ? 'not_ready' : null, leader: null };
}

function statusOf(outcome: Outcome<unknown>, isInDoubt: boolean): number {
  if (outcome.outcome === 'applied') return 200;
  if (outcome.outcome === 'unknown') return 504;
  switch (outcome.reason) {
    case 'overloaded':
      return 429;
    case 'quota-exceeded':
      return 507;
    case 'not-leader':
      // Another leads, and asking here would not change that, unless we wait to learn a fate.
      return outcome.leader !== null && !isInDoubt ? 421 : 503;
    case 'overwritten':
    case 'not-ready':
      return 503;
    default:
      // For good: of the command itself, of its session, or of a server that stops.
      return 410;
  }
}

function told({ verdict, last }: Asked): Outcome<unknown> {
  if (verdict.outcome === 'answered') return last;
  const isRefused = last.outcome === 'refused';
  if (verdict.outcome === 'refused') return isRefused ? last : refusal('not-ready', null);
  if (last.outcome === 'unknown') return last;
  const isStopped = isRefused && last.reason === 'stopped';
  return { outcome: 'unknown', reason: isStopped ? 'stopped' : 'timed-out' };
}
