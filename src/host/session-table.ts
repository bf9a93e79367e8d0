/**
 * All clients' sessions (§8; thesis §6.3): replicated state beside the user's own. It changes only
 * by applied entries, in their order, so it is the same on every server; the order of use is part
 * of it, since sessions expire in that order.
 */

import type { Entry, LogIndex } from '../../machines/rules/entries.ts';
import {
  boundReached,
  decodeOwner,
  isExpired,
  judgeCommand,
  type KeptAnswer,
  makesRoom,
  type SessionBound,
  type SessionRecord,
  type SessionSettings,
  type SessionVerdict,
  touched,
  withAnswer,
} from '../../machines/rules/sessions.ts';
import { pack, unpackFresh } from '../formats/msgpack.ts';
import { SessionShares } from './session-shares.ts';

/** A session as earlier versions wrote it: without an owner. */
type StoredSession = Omit<SessionRecord, 'owner'> & Partial<SessionRecord>;

export class SessionTable {
  settings: SessionSettings;
  /** Least recently used first. */
  #sessions = new Map<LogIndex, SessionRecord>();
  #shares = new SessionShares();
  #answerBytes = 0;

  constructor(settings: SessionSettings) {
    this.settings = settings;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Removes the sessions that were silent for too long at that cluster time (thesis §6.3). */
  expire(time: number): void {
    this.#expireFirst(this.#shares.unused(), time);
    this.#expireFirst(this.#sessions.keys(), time);
  }

  #expireFirst(ids: Iterable<LogIndex>, time: number): void {
    for (const id of ids) {
      const session = this.#sessions.get(id);
      if (session === undefined || !isExpired(session, time, this.settings)) return;
      this.#remove(session);
    }
  }

  /**
   * The index of the opening entry is the id, its bytes name the owner. Where a bound is reached, the
   * unused session that was opened first makes room; without one it is refused, by that bound.
   */
  open({ index, time, bytes }: Pick<Entry, 'index' | 'time' | 'bytes'>): SessionBound | null {
    const owner = decodeOwner(bytes);
    for (;;) {
      const bound = this.#boundReached(owner);
      if (bound === null) break;
      const replaced = this.#firstUnused(bound, owner);
      if (replaced === undefined) return bound;
      this.#remove(replaced);
    }
    const session = { id: index, lastActive: time, firstUnanswered: 0, answers: [], owner };
    this.#sessions.set(index, session);
    this.#shares.add(session);
    return null;
  }

  #boundReached(owner: string): SessionBound | null {
    const counts = { sessions: this.#sessions.size, ofOwner: this.#shares.sizeOf(owner) };
    return boundReached(this.settings, owner, counts);
  }

  #firstUnused(bound: SessionBound, owner: string): SessionRecord | undefined {
    if (!makesRoom(this.settings)) return undefined;
    const [id] =
      bound === 'sessionsPerOwnerMax' ? this.#shares.unused(owner) : this.#shares.unused();
    return id === undefined ? undefined : this.#sessions.get(id);
  }

  /** Who owns the session, '' for nobody; undefined without such a session. */
  ownerOf(id: LogIndex): string | undefined {
    return this.#sessions.get(id)?.owner;
  }

  close(id: LogIndex): void {
    const session = this.#sessions.get(id);
    if (session !== undefined) this.#remove(session);
  }

  /** The answer that a repeat of that command would get; null if it was not applied. */
  answerTo(id: LogIndex, sequence: number): KeptAnswer | null {
    return this.#sessions.get(id)?.answers.find((kept) => kept.sequence === sequence) ?? null;
  }

  /** Whether the command is to be applied, or was (§8); from here on the session counts as used. */
  checkDuplicate(id: LogIndex, entry: Entry): SessionVerdict {
    const { sequence = 0, firstUnanswered = sequence, time } = entry;
    const command = { sequence, firstUnanswered };
    const session = this.#sessions.get(id);
    const verdict = judgeCommand(session, command);
    if (session !== undefined) this.#use(session, touched(session, command, time));
    return verdict;
  }

  /** Keeps the answer for a repeat; past the bound, the least recently used sessions go. */
  keep(id: LogIndex, answer: KeptAnswer): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#use(session, withAnswer(session, answer));
    for (const oldest of this.#sessions.values()) {
      if (this.#answerBytes <= this.settings.answerBytesMax || oldest.id === id) return;
      this.#remove(oldest);
    }
  }

  /** Whether a command was refused as it was applied, and the refusal is kept for a repeat. */
  get keepsRefusals(): boolean {
    for (const { answers } of this.#sessions.values()) {
      if (answers.some(({ refusal }) => refusal !== undefined)) return true;
    }
    return false;
  }

  /** For a snapshot: everything, in order of use. */
  encode(): Uint8Array {
    return pack([...this.#sessions.values()]);
  }

  /** From a snapshot. */
  restore(bytes: Uint8Array, settings: SessionSettings): void {
    const stored = bytes.byteLength === 0 ? [] : (unpackFresh(bytes) as StoredSession[]);
    const sessions = stored.map((session) => ({ ...session, owner: session.owner ?? '' }));
    this.settings = settings;
    this.#sessions = new Map(sessions.map((session) => [session.id, session]));
    this.#shares = new SessionShares(sessions);
    this.#answerBytes = sessions.reduce((sum, session) => sum + answerBytes(session), 0);
  }

  #use(before: SessionRecord, after: SessionRecord): void {
    this.#answerBytes += answerBytes(after) - answerBytes(before);
    this.#sessions.delete(before.id);
    this.#sessions.set(after.id, after);
    this.#shares.use(after);
  }

  #remove(session: SessionRecord): void {
    this.#answerBytes -= answerBytes(session);
    this.#sessions.delete(session.id);
    this.#shares.remove(session);
  }
}

function answerBytes(session: SessionRecord): number {
  return session.answers.reduce((sum, answer) => sum + answer.bytes.byteLength, 0);
}

/** Why a session cannot be opened, for whoever asked. */
export function refusedByBound(bound: SessionBound, settings: SessionSettings): string {
  const whose = bound === 'sessionsMax' ? 'the cluster has' : 'this owner has';
  const minutes = Math.ceil(settings.sessionExpiryMs / 60_000);
  return (
    `${whose} ${settings[bound]} sessions, the most allowed (${bound}), and all of them ` +
    `are in use: close those no longer needed; one that is idle for ${minutes} min expires by itself`
  );
}
