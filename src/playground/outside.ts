/** What is done from outside, as the feed tells it: by the user, to messages, to clients. */
import { type FeedFact, feedFact } from '../feed/feed-fact.ts';
import { type Action, callWords, type ServerVerb } from './action.ts';
import type { ClientCall, Landing } from './frame.ts';
import type { Cluster, ClusterServer } from './key-value-cluster.ts';

/** To be asked before it is done; nothing for what means nothing just now. */
export function factsOfAction(action: Action, cluster: Cluster): readonly FeedFact[] {
  switch (action.type) {
    case 'put':
    case 'append':
    case 'get':
    case 'drop':
      return [];
    case 'cut':
      return [feedFact(action.from, { kind: 'lostLink', to: action.to })];
    case 'restore':
      return [feedFact(action.from, { kind: 'regainedLink', to: action.to })];
    case 'partition':
      return [feedFact(null, { kind: 'partitioned', groups: action.groups })];
    case 'heal':
      return [feedFact(null, { kind: 'healed' })];
    default:
      return factsAt(action.type, cluster.at(action.server));
  }
}

function factsAt(verb: ServerVerb, server: ClusterServer): readonly FeedFact[] {
  const { id, state, isStopped } = server;
  if (state === null) return [];
  switch (verb) {
    case 'crash':
    case 'restart':
      return [crashOf(server, state.log.lastIndex)];
    case 'stop':
      return [feedFact(id, { kind: 'stopped' })];
    case 'pause':
      return isStopped ? [] : [feedFact(id, { kind: 'paused' })];
    case 'resume':
      return isStopped ? [feedFact(id, { kind: 'resumed' })] : [];
    case 'timeOut':
      return state.leadership === null ? [feedFact(id, { kind: 'wasTimedOut' })] : [];
    case 'takeSnapshot':
      return [];
  }
}

function crashOf({ id, disk: { durable } }: ClusterServer, lastIndex: number): FeedFact {
  const durableIndex = durable === null ? 0 : durable.base.index + durable.entries.length;
  return feedFact(id, { kind: 'crashed', lastIndex, durableIndex });
}

export function factsOfLandings(landings: readonly Landing[]): readonly FeedFact[] {
  return landings.flatMap(({ flight: { message }, outcome: why }) => {
    if (why === 'arrived') return [];
    const { from, to, type } = message;
    const isHeartbeat = message.type === 'AppendEntries' && message.entries.length === 0;
    return [feedFact(from, { kind: 'lostMessage', to, message: type, isHeartbeat, why })];
  });
}

/** Those that have settled since. */
export function factsOfCalls(
  calls: readonly ClientCall[],
  before: readonly ClientCall[],
): readonly FeedFact[] {
  if (calls === before) return [];
  return calls.flatMap((call) => {
    const { action, outcome } = call;
    if (outcome === null || before.includes(call)) return [];
    const told = { call: callWords(action), isRead: action.type === 'get', outcome };
    return [feedFact(action.server, { kind: 'settledCall', ...told })];
  });
}
