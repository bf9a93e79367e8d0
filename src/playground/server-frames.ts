/**
 * One server as a frame shows it. Whatever has not changed is the very same object as in the frame
 * before: frames share all but what is new.
 */
import type { AnyActorRef } from 'xstate';
import { Log } from '../../machines/rules/log.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { roleOf, type ServerSnapshot } from '../../machines/server.ts';
import { activeStateIds } from '../diagram/ids.ts';
import type { FollowerFrame, ServerFrame } from './frame.ts';
import type { ClusterServer, FollowedKeyValue } from './key-value-cluster.ts';

const NOTHING: readonly never[] = [];

type Disk = ServerFrame['disk'];
type ReplicationSnapshot = ReturnType<AnyActorRef['getSnapshot']>;

export function serverFrameOf(
  server: ClusterServer,
  stateMachine: FollowedKeyValue | undefined,
  previous: ServerFrame | undefined,
): ServerFrame {
  const { id, state, snapshot } = server;
  const durable = server.disk.durable;
  const isUp = state !== null && snapshot !== null;
  const followers = isUp ? followersOf(state, snapshot, previous?.followers ?? NOTHING) : NOTHING;
  const frame: ServerFrame = {
    id,
    condition: isUp ? (server.isStopped ? 'paused' : 'running') : 'down',
    role: isUp ? roleOf(snapshot) : 'follower',
    state: isUp ? state : null,
    currentTerm: state?.currentTerm ?? durable?.term ?? 0,
    votedFor: state === null ? (durable?.votedFor ?? null) : state.votedFor,
    log: isUp ? state.log : diskLogOf(server),
    disk: shared(diskOf(server), previous?.disk),
    appliedIndex: state?.lastApplied ?? 0,
    pairs: isUp ? (stateMachine?.pairs ?? NOTHING) : NOTHING,
    activeStates: isUp ? activeStatesOf(snapshot, previous?.activeStates) : NOTHING,
    followers: sharedList(followers, previous?.followers),
    timers: isUp ? server.timers() : NOTHING,
  };
  return shared(frame, previous);
}

const diskLogs = new WeakMap<object, Log>();

function diskLogOf(server: ClusterServer): Log {
  const { durable } = server.disk;
  if (durable === null) return server.log();
  const log = diskLogs.get(durable) ?? Log.from(durable.base, durable.entries);
  diskLogs.set(durable, log);
  return log;
}

function activeStatesOf(
  { machine, value }: ReplicationSnapshot,
  previous: readonly string[] | undefined,
): readonly string[] {
  return sharedList(activeStateIds(machine, value), previous);
}

function followersOf(
  { leadership }: ServerState,
  { children }: ServerSnapshot,
  previous: readonly FollowerFrame[],
): readonly FollowerFrame[] {
  return (leadership?.followers ?? NOTHING).flatMap(({ id }) => {
    const snapshot: ReplicationSnapshot | undefined = children[id]?.getSnapshot();
    if (snapshot === undefined) return [];
    const before = previous.find((follower) => follower.id === id);
    const { nextIndex, matchIndex } = snapshot.context;
    const activeStates = activeStatesOf(snapshot, before?.activeStates);
    return shared({ id, nextIndex, matchIndex, activeStates }, before);
  });
}

function diskOf({ disk: { durable, isWriting } }: ClusterServer): Disk {
  if (durable === null) {
    return { term: 0, votedFor: null, lastIndex: 0, snapshotIndex: 0, isWriting };
  }
  const { term, votedFor, base, entries, snapshot } = durable;
  const lastIndex = base.index + entries.length;
  return { term, votedFor, lastIndex, snapshotIndex: snapshot?.index ?? 0, isWriting };
}

/** The one before, when nothing differs. */
export function shared<Value extends object>(value: Value, before: Value | undefined): Value {
  if (before === undefined) return value;
  for (const field in value) if (value[field] !== before[field]) return value;
  return before;
}

export function sharedList<Item>(
  list: readonly Item[],
  before: readonly Item[] | undefined,
): readonly Item[] {
  const isSame = before?.length === list.length && list.every((item, at) => item === before[at]);
  return isSame ? before : list;
}
