/** What is done from outside, as the feed tells it: by the user, to messages, to clients. */
import { type Happening, happening } from '../feed/happenings.ts';
import { type Action, callWords, type ServerVerb } from './action.ts';
import type { ClientCall, Landing } from './frame.ts';
import type { Cluster, ClusterServer } from './key-value-cluster.ts';

/** To be asked before it is done; nothing for what means nothing just now. */
export function happeningsOfAction(action: Action, cluster: Cluster): readonly Happening[] {
  switch (action.type) {
    case 'put':
    case 'append':
    case 'get':
    case 'drop':
      return [];
    case 'cut':
      return [happening(action.from, { kind: 'lostLink', to: action.to })];
    case 'restore':
      return [happening(action.from, { kind: 'regainedLink', to: action.to })];
    case 'partition':
      return [happening(null, { kind: 'partitioned', groups: action.groups })];
    case 'heal':
      return [happening(null, { kind: 'healed' })];
    default:
      return happeningsAt(action.type, cluster.at(action.server));
  }
}

function happeningsAt(verb: ServerVerb, server: ClusterServer): readonly Happening[] {
  const { id, state, isStopped } = server;
  if (state === null) return [];
  switch (verb) {
    case 'crash':
    case 'restart':
      return [crashOf(server, state.log.lastIndex)];
    case 'stop':
      return [happening(id, { kind: 'stopped' })];
    case 'pause':
      return isStopped ? [] : [happening(id, { kind: 'paused' })];
    case 'resume':
      return isStopped ? [happening(id, { kind: 'resumed' })] : [];
    case 'timeOut':
      return state.leadership === null ? [happening(id, { kind: 'wasTimedOut' })] : [];
    case 'takeSnapshot':
      return [];
  }
}

function crashOf({ id, disk: { durable } }: ClusterServer, lastIndex: number): Happening {
  const durableIndex = durable === null ? 0 : durable.base.index + durable.entries.length;
  return happening(id, { kind: 'crashed', lastIndex, durableIndex });
}

export function happeningsOfLandings(landings: readonly Landing[]): readonly Happening[] {
  return landings.flatMap(({ flight: { message }, outcome: why }) => {
    if (why === 'arrived') return [];
    const { from, to, type } = message;
    const isHeartbeat = message.type === 'AppendEntries' && message.entries.length === 0;
    return [happening(from, { kind: 'lostMessage', to, message: type, isHeartbeat, why })];
  });
}

/** Those that have settled since. */
export function happeningsOfCalls(
  calls: readonly ClientCall[],
  before: readonly ClientCall[],
): readonly Happening[] {
  if (calls === before) return [];
  return calls.flatMap((call) => {
    const { action, outcome } = call;
    if (outcome === null || before.includes(call) || !('key' in action)) return [];
    const told = { call: callWords(action), isRead: action.type === 'get', outcome };
    return [happening(action.server, { kind: 'settledCall', ...told })];
  });
}
