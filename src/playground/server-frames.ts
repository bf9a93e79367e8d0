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
import type { ClusterServer, FollowedKeyValue, PairFrame } from './key-value-cluster.ts';

const NOTHING: readonly never[] = [];

type Disk = ServerFrame['disk'];
type ReplicationSnapshot = ReturnType<AnyActorRef['getSnapshot']>;

export class ServerFrames {
  readonly #activeStates = new Map<string, readonly string[]>();
  readonly #followers = new WeakMap<object, FollowerFrame>();
  readonly #diskLogs = new WeakMap<object, Log>();

  frameOf(
    server: ClusterServer,
    stateMachine: FollowedKeyValue | undefined,
    previous: ServerFrame | undefined,
  ): ServerFrame {
    const { id, state, snapshot } = server;
    const durable = server.disk.durable;
    const isUp = state !== null && snapshot !== null;
    const frame: ServerFrame = {
      id,
      condition: isUp ? (server.isStopped ? 'paused' : 'running') : 'down',
      role: isUp ? roleOf(snapshot) : 'follower',
      state: isUp ? state : null,
      currentTerm: state?.currentTerm ?? durable?.term ?? 0,
      votedFor: state === null ? (durable?.votedFor ?? null) : state.votedFor,
      log: isUp ? state.log : this.#diskLog(server),
      disk: shared(diskOf(server), previous?.disk),
      appliedIndex: state?.lastApplied ?? 0,
      pairs: isUp ? pairsOf(stateMachine) : NOTHING,
      activeStates: isUp ? this.#activeStatesOf(snapshot) : NOTHING,
      followers: sharedList(
        isUp ? this.#followersOf(state, snapshot) : NOTHING,
        previous?.followers,
      ),
      timers: isUp ? server.timers() : NOTHING,
    };
    return shared(frame, previous);
  }

  #diskLog(server: ClusterServer): Log {
    const { durable } = server.disk;
    if (durable === null) return server.log();
    let log = this.#diskLogs.get(durable);
    if (log === undefined) {
      log = Log.from(durable.base, durable.entries);
      this.#diskLogs.set(durable, log);
    }
    return log;
  }

  #activeStatesOf({ machine, value }: ReplicationSnapshot): readonly string[] {
    const key = `${machine.id} ${JSON.stringify(value)}`;
    let ids = this.#activeStates.get(key);
    if (ids === undefined) {
      ids = activeStateIds(machine, value);
      this.#activeStates.set(key, ids);
    }
    return ids;
  }

  #followersOf(state: ServerState, { children }: ServerSnapshot): readonly FollowerFrame[] {
    const followers = state.leadership?.followers ?? NOTHING;
    return followers.flatMap(({ id }) => {
      const snapshot: ReplicationSnapshot | undefined = children[id]?.getSnapshot();
      return snapshot === undefined ? [] : [this.#followerOf(id, snapshot)];
    });
  }

  #followerOf(id: string, snapshot: ReplicationSnapshot): FollowerFrame {
    let follower = this.#followers.get(snapshot);
    if (follower === undefined) {
      const { nextIndex, matchIndex } = snapshot.context;
      follower = { id, nextIndex, matchIndex, activeStates: this.#activeStatesOf(snapshot) };
      this.#followers.set(snapshot, follower);
    }
    return follower;
  }
}

function pairsOf(stateMachine: FollowedKeyValue | undefined): readonly PairFrame[] {
  return stateMachine?.pairs ?? NOTHING;
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
