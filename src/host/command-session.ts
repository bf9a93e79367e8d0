/**
 * A session on the server's own side (§8; thesis §6.3): numbers its commands, and repeats them by the
 * rules of every client (`requestMachine`) until they are applied or definitely refused. It asks this
 * server alone, which learns what became of a command also as a follower.
 */
import type { AttemptResult, RequestKind, RequestResult } from '../../machines/rules/request.ts';
import type { Clock } from '../ports/clock.ts';
import type { Outcome, SessionCommand } from '../ports/outcome.ts';
import type { Random } from '../ports/random.ts';
import type { CallOptions, OpenedSession, Server, Session } from '../ports/server.ts';
import type { AnswerTo, Given } from '../ports/typed-calls.ts';
import { type Attempt, RequestPool } from '../session/request-pool.ts';
import { SessionManager } from '../session/session-manager.ts';
import { timeoutOf } from '../session/timeout.ts';
import { refusal } from './calls.ts';
import type { HostOptions } from './host-options.ts';
import type { Requests } from './requests.ts';

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
  { sessions, commands }: Pick<Requests, 'sessions' | 'commands'>,
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
      const told = commands.repeated(kept);
      return told.outcome === 'applied' ? told : refusal(told.reason, null, told.message);
    },
  };
}

/** What is known of a request in the end, and what was said of it last. */
interface Asked {
  readonly result: RequestResult;
  readonly last: Outcome<unknown>;
}

const TIMEOUT_MS = 10_000;
/** A session that is not closed in time expires by itself. */
const CLOSING_MS = 1_000;

export class CommandSession<Command, Result> implements Session<Command, Result> {
  readonly #port: SessionPort;
  readonly #pool: RequestPool;
  readonly #sessions: SessionManager<Outcome<never>>;
  #isClosed = false;

  constructor(port: SessionPort) {
    const { clock, random } = port;
    this.#port = port;
    this.#pool = new RequestPool({
      // The machine asks servers by their addresses; there is but this one.
      endpoints: ['here'],
      // One attempt waits for as long as the request may: there is no other server to ask.
      attemptTimeoutMs: (timeoutMs) => timeoutMs,
      clock,
      random,
    });
    this.#sessions = new SessionManager<Outcome<never>>(
      {
        open: (deadlineMs) => this.#open(deadlineMs),
        refusalOf: (why) => refusal(why === 'full' ? 'overloaded' : 'not-ready', null),
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
    const outcome = await this.#sessions.run(deadlineMs, signal, async (placed, expire) => {
      const attempt = async (leftMs: number) =>
        this.#port.answerTo(placed()) ?? this.#port.propose(command, placed(), leftMs);
      const asked = await this.#ask('sequencedCommand', attempt, deadlineMs, signal);
      const { last } = asked;
      if (last.outcome === 'refused' && last.reason === 'session-expired') expire();
      return outcomeOf(asked);
    });
    return outcome as Outcome<AnswerTo<Command, Type, Result>>;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const session = this.#sessions.close();
    this.#pool.cancelAll();
    if (session !== null) await this.#port.close(session);
  }

  async #open(deadlineMs: number): Promise<number | Outcome<never> | null> {
    const attempt = (leftMs: number) => this.#port.open(leftMs);
    const { result, last } = await this.#ask('session', attempt, deadlineMs);
    // Late, which is no answer: whoever may wait for longer is not refused for it.
    if (result.outcome !== 'answered') return null;
    return last.outcome === 'applied' ? (last.result as OpenedSession).session : last;
  }

  /** Rejects for misuse only, as the port does. */
  async #ask(
    kind: RequestKind,
    attempt: (leftMs: number) => Promise<Outcome<unknown>>,
    deadlineMs: number,
    signal?: AbortSignal,
  ): Promise<Asked> {
    const { clock } = this.#port;
    let last: Outcome<unknown> = refusal('not-ready', null);
    let mayHaveBeenApplied = false;
    let misuse: unknown = null;
    const attempting: Attempt = (_here, _withinMs, end) => {
      attempt(Math.max(0, deadlineMs - clock.now())).then(
        (outcome) => {
          last = outcome;
          mayHaveBeenApplied ||= outcome.outcome === 'unknown' && kind === 'sequencedCommand';
          end(attemptResultOf(outcome, mayHaveBeenApplied));
        },
        (thrown) => {
          misuse = thrown;
          end({ type: 'refused' });
        },
      );
      return () => true;
    };
    const result = await this.#pool.run(kind, attempting, deadlineMs, signal);
    if (misuse !== null) throw misuse;
    return { result, last };
  }
}

/** What the outcome of an attempt means for its request. */
function attemptResultOf(outcome: Outcome<unknown>, mayHaveBeenApplied: boolean): AttemptResult {
  if (outcome.outcome === 'applied') return { type: 'answered' };
  if (outcome.outcome === 'unknown') return { type: 'unknown', reason: 'outcome-unknown' };
  switch (outcome.reason) {
    case 'overloaded':
      return { type: 'unavailable', reason: 'overloaded' };
    case 'overwritten':
    case 'not-ready':
      return { type: 'unavailable', reason: 'not-ready' };
    case 'not-leader': {
      // Another leads, and asking here would not change that, unless we wait to learn a fate.
      const isFinal = outcome.leader !== null && !mayHaveBeenApplied;
      return isFinal ? { type: 'refused' } : { type: 'unavailable', reason: 'not-ready' };
    }
    default:
      // For good: of the command itself, of its session, or of a server that stops.
      return { type: 'refused' };
  }
}

function outcomeOf({ result, last }: Asked): Outcome<unknown> {
  if (result.outcome === 'answered') return last;
  const isRefused = last.outcome === 'refused';
  if (result.outcome === 'refused') return isRefused ? last : refusal('not-ready', null);
  if (last.outcome === 'unknown') return last;
  const isStopped = isRefused && last.reason === 'stopped';
  return { outcome: 'unknown', reason: isStopped ? 'stopped' : 'timed-out' };
}
