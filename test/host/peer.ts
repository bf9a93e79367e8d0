/** A scripted peer of server `a`: says what the test has it say, and remembers its own numbers. */

import { type Entry, NO_BYTES } from '../../machines/rules/entries.ts';
import type {
  AppendEntries,
  InstallSnapshot,
  Message,
  PreVote,
  RequestVote,
  SnapshotIdentity,
} from '../../machines/rules/messages.ts';
import { plainData } from '../../src/formats/plain-data.ts';
import type { Rig } from './rig.ts';
import { type Contents, snapshotFile } from './snapshot-file.ts';

type Some<M> = Partial<Omit<M, 'type' | 'from' | 'to'>>;

export class Peer {
  readonly id: string;
  readonly #rig: Rig;
  readonly #answered = new Set<number>();
  #number = 0;
  #matchIndex = 0;

  constructor(id: string, rig: Rig) {
    this.id = id;
    this.#rig = rig;
  }

  get #envelope() {
    this.#number += 1;
    return { from: this.id, to: 'a', requestId: this.#number };
  }

  async say(message: Message): Promise<void> {
    this.#rig.received$.next(message);
    await this.#rig.settle();
  }

  grantPreVote({ requestId, proposedTerm }: PreVote): Promise<void> {
    const answer = { requestId, proposedTerm, term: proposedTerm - 1, granted: true };
    return this.say({ type: 'PreVoteResponse', from: this.id, to: 'a', ...answer });
  }

  grantVote({ requestId, term }: RequestVote): Promise<void> {
    const answer = { requestId, term, requestTerm: term, granted: true };
    return this.say({ type: 'RequestVoteResponse', from: this.id, to: 'a', ...answer });
  }

  /** Whatever it was asked for in elections. */
  async grantAll(): Promise<void> {
    const isAsked = ({ to }: Message) => to === this.id;
    for (const ask of this.#rig.sentOf('PreVote').filter(isAsked)) await this.grantPreVote(ask);
    for (const ask of this.#rig.sentOf('RequestVote').filter(isAsked)) await this.grantVote(ask);
  }

  preVote(some: Some<PreVote> = {}): Promise<void> {
    const log = { lastLogIndex: 0, lastLogTerm: 0 };
    return this.say({ type: 'PreVote', ...this.#envelope, proposedTerm: 1, ...log, ...some });
  }

  requestVote(some: Some<RequestVote> = {}): Promise<void> {
    const log = { lastLogIndex: 0, lastLogTerm: 0, isLeadershipTransfer: false };
    return this.say({ type: 'RequestVote', ...this.#envelope, term: 1, ...log, ...some });
  }

  /** As leader of term 1, unless said otherwise. */
  append(some: Some<AppendEntries> = {}): Promise<void> {
    const log = { prevLogIndex: 0, prevLogTerm: 0, entries: [], leaderCommit: 0 };
    return this.say({ type: 'AppendEntries', ...this.#envelope, term: 1, ...log, ...some });
  }

  /** One chunk of a snapshot; the whole, unless said otherwise. */
  install(
    snapshot: SnapshotIdentity,
    bytes: Uint8Array,
    some: Some<InstallSnapshot> = {},
  ): Promise<void> {
    const chunk = { term: 1, snapshot, offset: 0, bytes, isLast: true };
    return this.say({ type: 'InstallSnapshot', ...this.#envelope, ...chunk, ...some });
  }

  /** The whole snapshot of a ledger with those lines. */
  async installLedger(contents: Contents): Promise<void> {
    const { identity, bytes } = await snapshotFile(contents);
    await this.install(identity, bytes, { term: contents.term });
  }

  /** Answers heartbeats only, as a follower whose disk hangs. */
  acknowledgeHeartbeats(): Promise<void> {
    return this.#acknowledge((request) => request.entries.length === 0);
  }

  /** Accepts every `AppendEntries` that was sent to it and not yet answered. */
  acknowledge(): Promise<void> {
    return this.#acknowledge(() => true);
  }

  async #acknowledge(isAnswered: (request: AppendEntries) => boolean): Promise<void> {
    for (const request of this.#rig.sentOf('AppendEntries')) {
      if (request.to !== this.id || this.#answered.has(request.requestId)) continue;
      if (!isAnswered(request)) continue;
      this.#answered.add(request.requestId);
      const shown = request.prevLogIndex + request.entries.length;
      if (request.entries.length > 0) this.#matchIndex = Math.max(this.#matchIndex, shown);
      const { requestId, term, prevLogIndex } = request;
      await this.say({
        type: 'AppendEntriesResponse',
        from: this.id,
        to: 'a',
        requestId,
        term,
        requestTerm: term,
        success: true,
        matchIndex: Math.min(this.#matchIndex, shown),
        prevLogIndex,
        hintIndex: 0,
        hintTerm: 0,
      });
    }
  }
}

/** Entries that a leader of `term` appended from `index` on: one command each. */
export function commands(index: number, term: number, ...texts: readonly string[]): Entry[] {
  return texts.map((text, i) => command(index + i, term, text));
}

export function command(index: number, term: number, text: string, some: Partial<Entry> = {}) {
  const entry: Entry = { index, term, time: 0, type: 'command', bytes: encode(text), ...some };
  return entry;
}

export function emptyEntry(index: number, term: number): Entry {
  return { index, term, time: 0, type: 'empty', bytes: NO_BYTES };
}

const codec = plainData<string>();
function encode(text: string): Uint8Array {
  return codec.encode(text);
}
