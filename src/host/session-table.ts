/**
 * All clients' sessions (§8; thesis §6.3): replicated state beside the user's own. It changes only
 * by applied entries, in their order, so it is the same on every server; the order of use is part
 * of it, since sessions expire in that order.
 */

import type { Entry, LogIndex } from '../../machines/rules/entries.ts';
import {
  isExpired,
  judgeCommand,
  type KeptAnswer,
  type Session,
  type SessionSettings,
  type SessionVerdict,
  touched,
  withAnswer,
} from '../../machines/rules/sessions.ts';
import { pack, unpackFresh } from '../formats/msgpack.ts';

export class SessionTable {
  settings: SessionSettings;
  /** Least recently used first. */
  #sessions = new Map<LogIndex, Session>();
  #answerBytes = 0;

  constructor(settings: SessionSettings) {
    this.settings = settings;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Cluster time has come to `time`: who was silent for too long is gone (thesis §6.3). */
  expire(time: number): void {
    for (const session of this.#sessions.values()) {
      if (!isExpired(session, time, this.settings)) return;
      this.#remove(session);
    }
  }

  /** The index of the opening entry is the id. False when there are as many as there may be. */
  open({ index, time }: Pick<Entry, 'index' | 'time'>): boolean {
    if (this.#sessions.size >= this.settings.sessionsMax) return false;
    const session = { id: index, lastActive: time, firstUnanswered: 0, answers: [] };
    this.#sessions.set(index, session);
    return true;
  }

  close(id: LogIndex): void {
    const session = this.#sessions.get(id);
    if (session !== undefined) this.#remove(session);
  }

  /** What the command deserves; the session is in use from here on. */
  judge(id: LogIndex, entry: Entry): SessionVerdict {
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

  /** For a snapshot: everything, in order of use. */
  encode(): Uint8Array {
    return pack([...this.#sessions.values()]);
  }

  /** From a snapshot. */
  restore(bytes: Uint8Array, settings: SessionSettings): void {
    const sessions = bytes.byteLength === 0 ? [] : (unpackFresh(bytes) as Session[]);
    this.settings = settings;
    this.#sessions = new Map(sessions.map((session) => [session.id, session]));
    this.#answerBytes = sessions.reduce((sum, session) => sum + answerBytes(session), 0);
  }

  #use(before: Session, after: Session): void {
    this.#answerBytes += answerBytes(after) - answerBytes(before);
    this.#sessions.delete(before.id);
    this.#sessions.set(after.id, after);
  }

  #remove(session: Session): void {
    this.#answerBytes -= answerBytes(session);
    this.#sessions.delete(session.id);
  }
}

function answerBytes(session: Session): number {
  return session.answers.reduce((sum, answer) => sum + answer.bytes.byteLength, 0);
}
