/**
 * Client sessions (§8; thesis §6.3): each command of a session takes effect at most once, however
 * often it is sent. Decided on apply, from replicated data alone.
 */
import { type LogIndex, NO_BYTES } from './entries.ts';
import { invariant } from './invariant.ts';

/** Replicated, so that every server forgets at the same entry. Never a server's own option. */
export interface SessionSettings {
  /** Of cluster time without a command, in milliseconds. */
  readonly sessionExpiryMs: number;
  readonly sessionsMax: number;
  /** Of kept answers, all sessions together; past it the least recently used sessions expire. */
  readonly answerBytesMax: number;
  /**
   * Of cluster time, for a session that never had a command. Absent in what earlier versions wrote:
   * unused sessions are then treated as any others, since a log means the same to every server.
   */
  readonly unusedExpiryMs?: number;
  /** Of one owner; nobody's sessions share `sessionsMax` alone. Absent likewise: no such bound. */
  readonly sessionsPerOwnerMax?: number;
}

const UNUSED_SESSIONS = { unusedExpiryMs: 60 * 1000, sessionsPerOwnerMax: 1_000 };

export const DEFAULT_SESSION_SETTINGS: SessionSettings = {
  sessionExpiryMs: 60 * 60 * 1000,
  sessionsMax: 10_000,
  answerBytesMax: 64 * 1024 * 1024,
  ...UNUSED_SESSIONS,
};

/** The settings with everything that this version knows of; the same object if nothing lacks. */
export function completed(settings: SessionSettings): SessionSettings {
  const { unusedExpiryMs, sessionsPerOwnerMax } = settings;
  const isComplete = unusedExpiryMs !== undefined && sessionsPerOwnerMax !== undefined;
  return isComplete ? settings : { ...UNUSED_SESSIONS, ...settings };
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const ownerDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The bytes of a `settings` entry. */
export function encodeSettings(settings: SessionSettings): Uint8Array {
  const { sessionExpiryMs, sessionsMax, answerBytesMax } = settings;
  const { unusedExpiryMs, sessionsPerOwnerMax } = settings;
  const unused = { unusedExpiryMs, sessionsPerOwnerMax };
  const text = JSON.stringify({ sessionExpiryMs, sessionsMax, answerBytesMax, ...unused });
  return encoder.encode(text);
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
    Number.isSafeInteger(settings?.answerBytesMax) &&
    isAbsentOrInteger(settings?.unusedExpiryMs) &&
    isAbsentOrInteger(settings?.sessionsPerOwnerMax)
  );
}

function isAbsentOrInteger(value: unknown): boolean {
  return value === undefined || Number.isSafeInteger(value);
}

/** Of an owner's name, in UTF-8. */
export const OWNER_BYTES_MAX = 256;

/** The bytes of an `openSession` entry: whose session it is, none for nobody's. */
export function encodeOwner(owner: string): Uint8Array {
  return owner === '' ? NO_BYTES : encoder.encode(owner);
}

/** Any bytes are a name, the same on every server: no entry may stop a cluster by its owner. */
export function decodeOwner(bytes: Uint8Array): string {
  return bytes.byteLength === 0 ? '' : ownerDecoder.decode(bytes);
}

/** Commands of one session that may be without an answer at a time. */
export const UNANSWERED_MAX = 64;

/** An answer kept for a repeat. */
export interface KeptAnswer {
  readonly sequence: number;
  /** Where the command was applied. */
  readonly index: LogIndex;
  readonly term: number;
  /** The result; none where the command was refused. */
  readonly bytes: Uint8Array;
  /** Why it was refused, on apply: a fixed word. Absent when it was applied. */
  readonly refusal?: 'command-failed';
}

export interface SessionRecord {
  /** The index of the entry that opened it. */
  readonly id: LogIndex;
  /** Cluster time of its last command, in milliseconds. */
  readonly lastActive: number;
  /** The highest declared: everything below was answered, and its answer is gone. */
  readonly firstUnanswered: number;
  /** In the order they were applied; at most `UNANSWERED_MAX`. */
  readonly answers: readonly KeptAnswer[];
  /** Who opened it; '' for nobody. Never changes. */
  readonly owner: string;
}

/** Whether it has ever had a command: each declares a first unanswered one, or leaves an answer. */
export function isUsed({ firstUnanswered, answers }: SessionRecord): boolean {
  return firstUnanswered > 0 || answers.length > 0;
}

/** How many sessions there are, and how many of them are the owner's who opens one more. */
export interface SessionCounts {
  readonly sessions: number;
  readonly ofOwner: number;
}

export type SessionBound = 'sessionsMax' | 'sessionsPerOwnerMax';

/** The bound that one more session of that owner would pass; its own share comes first. */
export function boundReached(
  settings: SessionSettings,
  owner: string,
  { sessions, ofOwner }: SessionCounts,
): SessionBound | null {
  const { sessionsMax, sessionsPerOwnerMax = Number.POSITIVE_INFINITY } = settings;
  if (owner !== '' && ofOwner >= sessionsPerOwnerMax) return 'sessionsPerOwnerMax';
  return sessions >= sessionsMax ? 'sessionsMax' : null;
}

/** Whether unused sessions make room for new ones, where a bound is reached. */
export function makesRoom({ unusedExpiryMs }: SessionSettings): boolean {
  return unusedExpiryMs !== undefined;
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
  session: SessionRecord | undefined,
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
export function touched(
  session: SessionRecord,
  command: SequencedCommand,
  time: number,
): SessionRecord {
  return {
    ...session,
    lastActive: Math.max(session.lastActive, time),
    firstUnanswered: Math.max(session.firstUnanswered, command.firstUnanswered),
    answers: unanswered(session, command.firstUnanswered),
  };
}

export function withAnswer(session: SessionRecord, answer: KeptAnswer): SessionRecord {
  return { ...session, answers: [...session.answers, answer] };
}

/** By cluster time, which stands still while there is no leader (thesis §6.3). */
export function isExpired(
  session: SessionRecord,
  time: number,
  settings: SessionSettings,
): boolean {
  return time - session.lastActive > expiryMs(session, settings);
}

/** An unused session never outlives a used one, so those that are still there are in order. */
function expiryMs(session: SessionRecord, settings: SessionSettings): number {
  const { sessionExpiryMs, unusedExpiryMs = sessionExpiryMs } = settings;
  return isUsed(session) ? sessionExpiryMs : Math.min(unusedExpiryMs, sessionExpiryMs);
}

function unanswered(session: SessionRecord, firstUnanswered: number): readonly KeptAnswer[] {
  const first = Math.max(session.firstUnanswered, firstUnanswered);
  return session.answers.every((kept) => kept.sequence >= first)
    ? session.answers
    : session.answers.filter((kept) => kept.sequence >= first);
}
