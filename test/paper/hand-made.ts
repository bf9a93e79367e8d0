/** States, disks and messages made by hand, to show a referee what must never be. */
import { bootstrapConfiguration } from '../../machines/rules/configuration.ts';
import { type Entry, NO_BYTES } from '../../machines/rules/entries.ts';
import { firstBase, Log } from '../../machines/rules/log.ts';
import type {
  AppendEntries,
  RequestVote,
  RequestVoteResponse,
} from '../../machines/rules/messages.ts';
import { DEFAULT_PARAMETERS } from '../../machines/rules/parameters.ts';
import { initialState, type Leadership, type ServerState } from '../../machines/rules/state.ts';
import { preparedState } from '../../src/simulation/prepared-disk.ts';
import { Referee } from '../../src/simulation/referee.ts';

export const BASE = firstBase(bootstrapConfiguration({ a: 'x', b: 'x', c: 'x' }));

/** Entries with those terms, as in `'1 1 2'`. */
export function entriesOf(terms: string, payload = NO_BYTES): Entry[] {
  const list = terms === '' ? [] : terms.split(' ').map(Number);
  return list.map((term, at) => ({ index: at + 1, term, time: 0, type: 'empty', bytes: payload }));
}

export interface Sketch {
  readonly term: number;
  readonly log?: string;
  readonly vote?: string | null;
  readonly commit?: number;
}

export function stateOf(id: string, sketch: Sketch, more: Partial<ServerState> = {}): ServerState {
  const { term, log = '', vote = null, commit = 0 } = sketch;
  const stored = {
    term,
    votedFor: vote,
    log: Log.from(BASE, entriesOf(log)),
    commitIndex: commit,
    snapshot: null,
    lastWriteId: 1,
  };
  const state = initialState(id, DEFAULT_PARAMETERS, stored);
  // By default nothing is believed of the disk; a test that is about that says what.
  return { ...state, writes: { ...state.writes, durableIndex: 0 }, ...more };
}

export const LEADERSHIP: Leadership = {
  firstIndex: 1,
  firstWrite: 1,
  ownMatchIndex: 0,
  followers: [],
  reads: [],
  checkedAt: 0,
  clock: null,
};

export function leaderOf(id: string, sketch: Sketch, more: Partial<ServerState> = {}): ServerState {
  return stateOf(
    id,
    { vote: id, ...sketch },
    { leadership: LEADERSHIP, termLeader: id, heardLeader: id, ...more },
  );
}

/** A referee of a, b and c, the members, with the verbs of these tests. */
export class HandMade {
  readonly referee: Referee;

  /** @param more servers that are no members: they hold logs, and do not count */
  constructor(...more: string[]) {
    const where = () => ({ seed: '7', nowMs: 0, trace: '' });
    this.referee = new Referee(['a', 'b', 'c', ...more], where);
  }

  /** What the disk of that server holds from now on. */
  disk(id: string, { term, vote = null, log = '' }: Sketch): this {
    const prepared = { term, votedFor: vote, log: entriesOf(log) };
    this.referee.onDurable(id, preparedState(BASE, prepared), null);
    return this;
  }

  /** Every disk holds that log, and everybody has voted for `vote`. */
  disks(sketch: Sketch): this {
    for (const id of ['a', 'b', 'c']) this.disk(id, sketch);
    return this;
  }

  follower(id: string, sketch: Sketch, more: Partial<ServerState> = {}): this {
    this.referee.onState(id, stateOf(id, sketch, more), 'follower');
    return this;
  }

  /** With every vote it needs. */
  leader(id: string, sketch: Sketch, more: Partial<ServerState> = {}): this {
    for (const from of ['a', 'b', 'c']) if (from !== id) this.grants(from, id, sketch.term);
    this.referee.onState(id, leaderOf(id, sketch, more), 'leader');
    return this;
  }

  grants(from: string, to: string, term: number): this {
    const message: RequestVoteResponse = {
      type: 'RequestVoteResponse',
      from,
      to,
      term,
      requestTerm: term,
      requestId: 1,
      granted: true,
    };
    this.referee.onSend(message);
    return this;
  }

  campaigns(from: string, term: number, lastLogIndex: number, lastLogTerm: number): this {
    const message: RequestVote = {
      type: 'RequestVote',
      from,
      to: 'b',
      term,
      requestId: 1,
      lastLogIndex,
      lastLogTerm,
      isLeadershipTransfer: false,
    };
    this.referee.onSend(message);
    return this;
  }

  leads(from: string, term: number): this {
    const message: AppendEntries = {
      type: 'AppendEntries',
      from,
      to: 'b',
      term,
      requestId: 1,
      prevLogIndex: 0,
      prevLogTerm: 0,
      entries: [],
      leaderCommit: 0,
    };
    this.referee.onSend(message);
    return this;
  }

  get verdict(): string | null {
    return this.referee.violation?.invariant ?? null;
  }
}
