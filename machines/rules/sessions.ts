/**
 * Client sessions (§8; thesis §6.3): each command of a session takes effect at most once, however
 * often it is sent. Decided on apply, from replicated data alone.
 */
import type { LogIndex } from './entries.ts';
import { invariant } from './invariant.ts';

/** Replicated, so that every server forgets at the same entry. Never a server's own option. */
export interface SessionSettings {
  /** Of cluster time without a command, in milliseconds. */
  readonly sessionExpiryMs: number;
  readonly sessionsMax: number;
  /** Of kept answers, all sessions together; past it the least recently used sessions expire. */
  readonly answerBytesMax: number;
}

export const DEFAULT_SESSION_SETTINGS: SessionSettings = {
  sessionExpiryMs: 60 * 60 * 1000,
  sessionsMax: 10_000,
  answerBytesMax: 64 * 1024 * 1024,
};

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The bytes of a `settings` entry. */
export function encodeSettings(settings: SessionSettings): Uint8Array {
  const { sessionExpiryMs, sessionsMax, answerBytesMax } = settings;
  return encoder.encode(JSON.stringify({ sessionExpiryMs, sessionsMax, answerBytesMax }));
}

/** @throws when the bytes are not settings, which stops the server. */
export function decodeSettings(bytes: Uint8Array): SessionSettings {
  const value: unknown = JSON.parse(decoder.decode(bytes));
  invariant(isSessionSettings(value), 'a settings entry holds the settings of sessions (§8)');
  return value;
}

export function isSessionSettings(value: unknown): value is SessionSettings {
  const settings = value as Partial<SessionSettings> | null;
  return (
    Number.isSafeInteger(settings?.sessionExpiryMs) &&
    Number.isSafeInteger(settings?.sessionsMax) &&
    Number.isSafeInteger(settings?.answerBytesMax)
  );
}

/** Commands of one session that may be without an answer at a time. */
export const UNANSWERED_MAX = 64;

/** An answer kept for a repeat. */
export interface KeptAnswer {
  readonly sequence: number;
  /** Where the command was applied. */
  readonly index: LogIndex;
  readonly term: number;
  readonly bytes: Uint8Array;
}

export interface Session {
  /** The index of the entry that opened it. */
  readonly id: LogIndex;
  /** Cluster time of its last command, in milliseconds. */
  readonly lastActive: number;
  /** The highest declared: everything below was answered, and its answer is gone. */
  readonly firstUnanswered: number;
  /** In the order they were applied; at most `UNANSWERED_MAX`. */
  readonly answers: readonly KeptAnswer[];
}

/** The part of an entry's envelope that speaks of its session. */
export interface SequencedCommand {
  readonly sequence: number;
  readonly firstUnanswered: number;
}

export type SessionVerdict =
  | { readonly verdict: 'apply' }
  | { readonly verdict: 'repeat'; readonly answer: KeptAnswer }
  | { readonly verdict: 'session-expired' }
  | { readonly verdict: 'answer-discarded' }
  | { readonly verdict: 'overloaded' };

/** What a command of a session deserves (thesis §6.3). */
export function judgeCommand(
  session: Session | undefined,
  command: SequencedCommand,
): SessionVerdict {
  if (session === undefined) return { verdict: 'session-expired' };
  if (command.sequence < session.firstUnanswered) return { verdict: 'answer-discarded' };
  const answer = session.answers.find((kept) => kept.sequence === command.sequence);
  if (answer !== undefined) return { verdict: 'repeat', answer };
  const outstanding = unanswered(session, command.firstUnanswered);
  return outstanding.length < UNANSWERED_MAX ? { verdict: 'apply' } : { verdict: 'overloaded' };
}

/** The session after a command of it was judged: answers the client has seen are forgotten. */
export function touched(session: Session, command: SequencedCommand, time: number): Session {
  return {
    ...session,
    lastActive: Math.max(session.lastActive, time),
    firstUnanswered: Math.max(session.firstUnanswered, command.firstUnanswered),
    answers: unanswered(session, command.firstUnanswered),
  };
}

export function withAnswer(session: Session, answer: KeptAnswer): Session {
  return { ...session, answers: [...session.answers, answer] };
}

/** By cluster time, which stands still while there is no leader (thesis §6.3). */
export function isExpired(session: Session, time: number, settings: SessionSettings): boolean {
  return time - session.lastActive > settings.sessionExpiryMs;
}

function unanswered(session: Session, firstUnanswered: number): readonly KeptAnswer[] {
  const first = Math.max(session.firstUnanswered, firstUnanswered);
  return session.answers.every((kept) => kept.sequence >= first)
    ? session.answers
    : session.answers.filter((kept) => kept.sequence >= first);
}
