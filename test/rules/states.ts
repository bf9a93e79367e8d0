/**
 * States and logs for tests, in few words. A log is written as its terms: `'1 1 2'` is
 * three entries, the last of term 2. `'1 1 | 2'` is compacted through its second entry.
 */

import { bootstrapConfiguration, type Configuration } from '../../machines/rules/configuration.ts';
import type { Decision } from '../../machines/rules/decision.ts';
import type { Effect } from '../../machines/rules/effects.ts';
import type { Entry, LogIndex, ServerId, Term } from '../../machines/rules/entries.ts';
import { becomeLeader } from '../../machines/rules/leadership.ts';
import { firstBase, Log } from '../../machines/rules/log.ts';
import { DEFAULT_PARAMETERS, type Parameters } from '../../machines/rules/parameters.ts';
import { DEFAULT_SESSION_SETTINGS } from '../../machines/rules/sessions.ts';
import {
  type Follower,
  initialState,
  leadershipOf,
  type ServerState,
  type SnapshotPointer,
} from '../../machines/rules/state.ts';

/** The timer of the quorum check: what makes a leader step down that nobody hears. */
export const quorumCheck = {
  type: 'xstate.after.electionTimeoutMin.server.leader.quorum.checking',
};

/** What `entry` makes: an envelope of 48 and 2 bytes of payload. */
export const BYTES_OF_ENTRY = 50;

/** All voters, by default a, b and c. */
export function clusterOf(...ids: ServerId[]): Configuration {
  const all = ids.length === 0 ? ['a', 'b', 'c'] : ids;
  return bootstrapConfiguration(Object.fromEntries(all.map((id) => [id, `at-${id}`])));
}

export function entry(index: LogIndex, term: Term): Entry {
  return { index, term, time: index * 10, type: 'command', bytes: new Uint8Array(2) };
}

/** The entries of these terms, from index `first` on. */
export function entriesOf(terms: string, first: LogIndex = 1): Entry[] {
  return termsOf(terms).map((term, at) => entry(first + at, term));
}

export function logOf(terms: string, configuration: Configuration = clusterOf()): Log {
  const [all, compacted] = terms.includes('|')
    ? [terms.replace('|', ''), termsOf(terms.slice(0, terms.indexOf('|'))).length]
    : [terms, 0];
  const base = firstBase(configuration);
  return Log.from(base, entriesOf(all)).compactThrough(compacted);
}

/** The terms of a log in the same notation; what is compacted is a number of entries. */
export function termsIn(log: Log): string {
  const { base, lastIndex } = log;
  const terms = Array.from({ length: lastIndex - base.index }, (_, at) =>
    String(log.termAt(log.firstIndex + at)),
  ).join(' ');
  return base.index === 0 ? terms : `${base.index} in ${base.term} | ${terms}`.trim();
}

function termsOf(terms: string): Term[] {
  return terms.trim() === '' ? [] : terms.trim().split(/\s+/).map(Number);
}

/** Any field of a state, its log as terms. */
export type Given = Partial<Omit<ServerState, 'log' | 'parameters'>> & {
  readonly log?: string;
  readonly configuration?: Configuration;
  readonly parameters?: Partial<Parameters>;
};

/** A server `a` of a, b and c, all of whose log is durable; its term is that of its last entry. */
export function serverOf(given: Given = {}): ServerState {
  const { log: terms = '', configuration = clusterOf(), parameters = {}, ...fields } = given;
  const log = logOf(terms, configuration);
  const { index, term } = log.base;
  const snapshot = index > 0 ? pointerOf(index, term, 'own', configuration) : null;
  const state = initialState(
    'a',
    { ...DEFAULT_PARAMETERS, ...parameters },
    { term: log.lastTerm, votedFor: null, commitIndex: 0, log, lastWriteId: 0, snapshot },
  );
  return { ...state, ...fields };
}

/** A leader of its log's term (or the one given) that has appended nothing of its own yet. */
export function leaderOf(
  given: Given = {},
  followers: Readonly<Record<ServerId, Partial<Follower>>> = {},
): ServerState {
  const server = serverOf(given);
  const silent = { ...server.parameters, appendsEmptyEntry: false };
  const { state } = becomeLeader({ ...server, votedFor: server.id, parameters: silent });
  const leadership = leadershipOf(state);
  const told = leadership.followers.map((one) => ({ ...one, ...followers[one.id] }));
  return {
    ...state,
    parameters: server.parameters,
    leadership: { ...leadership, followers: told },
  };
}

/** The same leader, with what its own disk has confirmed. */
export function storing(state: ServerState, ownMatchIndex: LogIndex): ServerState {
  return { ...state, leadership: { ...leadershipOf(state), ownMatchIndex } };
}

export function followerIn(state: ServerState, id: ServerId): Follower {
  const found = leadershipOf(state).followers.find((follower) => follower.id === id);
  if (found === undefined) throw new Error(`${id} is no follower of ${state.id}`);
  return found;
}

export function pointerOf(
  index: LogIndex,
  term: Term,
  id = `snapshot-${index}`,
  configuration: Configuration = clusterOf(),
): SnapshotPointer {
  const settings = DEFAULT_SESSION_SETTINGS;
  return { id, index, term, time: index * 10, sizeBytes: 1000, configuration, settings };
}

/** The effects of one type, with that type. */
export function only<Type extends Effect['type']>(
  { effects }: Pick<Decision, 'effects'>,
  type: Type,
): Extract<Effect, { type: Type }>[] {
  return effects.filter((effect) => effect.type === type) as Extract<Effect, { type: Type }>[];
}

/** The messages sent, in order. */
export function sent(decision: Pick<Decision, 'effects'>) {
  return only(decision, 'send').map(({ message }) => message);
}
