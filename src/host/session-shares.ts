/**
 * How many sessions each owner has, and which of all sessions have never had a command, in the order
 * they were opened. All of it follows from the sessions themselves.
 */

import type { LogIndex } from '../../machines/rules/entries.ts';
import { isUsed, type SessionRecord } from '../../machines/rules/sessions.ts';

interface Share {
  size: number;
  readonly unused: Set<LogIndex>;
}

export class SessionShares {
  readonly #shares = new Map<string, Share>();
  readonly #unused = new Set<LogIndex>();

  /** @param sessions - the unused ones among them in the order they were opened */
  constructor(sessions: Iterable<SessionRecord> = []) {
    for (const session of sessions) this.add(session);
  }

  sizeOf(owner: string): number {
    return this.#shares.get(owner)?.size ?? 0;
  }

  /** First opened first: of everybody, or of one owner. */
  unused(owner?: string): Iterable<LogIndex> {
    return owner === undefined ? this.#unused : (this.#shares.get(owner)?.unused ?? []);
  }

  add(session: SessionRecord): void {
    const share = this.#shares.get(session.owner) ?? { size: 0, unused: new Set() };
    this.#shares.set(session.owner, share);
    share.size += 1;
    if (isUsed(session)) return;
    share.unused.add(session.id);
    this.#unused.add(session.id);
  }

  /** The session may have had its first command. */
  use(session: SessionRecord): void {
    if (isUsed(session) && this.#unused.delete(session.id)) {
      this.#shares.get(session.owner)?.unused.delete(session.id);
    }
  }

  remove({ id, owner }: SessionRecord): void {
    this.#unused.delete(id);
    const share = this.#shares.get(owner);
    if (share === undefined) return;
    share.unused.delete(id);
    share.size -= 1;
    if (share.size === 0) this.#shares.delete(owner);
  }
}
