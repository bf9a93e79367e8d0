/** What a server says of itself, for people and health checks. Nothing is decided by it. */

import { hasCommittedInTerm } from '../../machines/rules/commitment.ts';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Follower, ServerState } from '../../machines/rules/state.ts';
import { isReliable } from '../../machines/rules/unreliable.ts';
import { roleOf, type ServerSnapshot } from '../../machines/server.ts';
import type {
  FollowerStatus,
  MemberStatus,
  QuotaStatus,
  StateDivergence,
  Status,
  Warning,
  WriteStatus,
} from '../ports/server.ts';
import type { StateDigests } from '../ports/transport.ts';
import type { PeerDirectory } from './peer-directory.ts';

export interface StatusSource {
  readonly id: ServerId;
  readonly clusterId: string;
  readonly clientAddress: string;
  readonly snapshot: ServerSnapshot;
  readonly state: ServerState;
  readonly appliedIndex: number;
  readonly uptimeMs: number;
  readonly contacts: PeerDirectory;
  readonly peerSecurity: string | null;
  readonly writes: WriteStatus;
  readonly quota: QuotaStatus;
  readonly snapshotsInstalled: number;
  readonly commandsFailed: number;
  readonly warnings: readonly Warning[];
  readonly comparison: StateDigests | null;
  readonly divergence: StateDivergence | null;
  readonly isStopped: boolean;
  readonly failure: Error | null;
}

const NO_LEADER = { heardLeader: null, leadership: null };

export function statusOf(source: StatusSource): Status {
  const { id, clusterId, state, contacts, appliedIndex, uptimeMs, isStopped, failure } = source;
  const { log } = state;
  // The machine's last state may well be that of a leader: nobody acts by it any more.
  const { heardLeader, leadership } = isStopped ? NO_LEADER : state;
  const addressOf = (server: ServerId) =>
    server === id ? source.clientAddress : contacts.clientAddressOf(server);
  const { servers, next } = log.configuration;
  const members = [...new Map([...servers, ...(next ?? [])].map((member) => [member.id, member]))];
  return {
    id,
    clusterId,
    role: isStopped ? 'stopped' : roleOf(source.snapshot),
    term: state.currentTerm,
    leader: heardLeader,
    leaderClientAddress: heardLeader === null ? null : addressOf(heardLeader) || null,
    isReady: leadership !== null && hasCommittedInTerm(state),
    commitIndex: state.commitIndex,
    appliedIndex,
    lastLogIndex: log.lastIndex,
    snapshotIndex: state.snapshot?.index ?? 0,
    uptimeMs,
    members: members.map(
      ([server, { peerAddress, votes }]): MemberStatus => ({
        id: server,
        peerAddress,
        clientAddress: addressOf(server),
        votes,
      }),
    ),
    peerSecurity: source.peerSecurity,
    writes: source.writes,
    quota: source.quota,
    snapshotsInstalled: source.snapshotsInstalled,
    commandsFailed: source.commandsFailed,
    warnings: source.warnings,
    comparison: source.comparison,
    divergence: source.divergence,
    followers: leadership && followersOf(source, leadership.followers),
    failure,
  };
}

function followersOf(
  { snapshot, state, contacts }: StatusSource,
  followers: readonly Follower[],
): Record<ServerId, FollowerStatus> {
  return Object.fromEntries(
    followers.map((follower): [ServerId, FollowerStatus] => [
      follower.id,
      {
        mode: modeOf(snapshot, follower.id),
        hasLostEntries: !isReliable(state, follower.id),
        matchIndex: follower.matchIndex,
        lag: state.log.lastIndex - follower.matchIndex,
        lastContactMs:
          follower.lastAcknowledgedRequest === 0 ? null : contacts.silentForMs(follower.id),
      },
    ]),
  );
}

function modeOf(snapshot: ServerSnapshot, follower: ServerId): FollowerStatus['mode'] {
  const { progress } = (snapshot.children[follower]?.getSnapshot().value ?? {}) as {
    progress?: string | Record<string, string>;
  };
  if (progress === undefined) return 'probe';
  const mode = typeof progress === 'string' ? progress : Object.keys(progress)[0];
  return mode as FollowerStatus['mode'];
}
