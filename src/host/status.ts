/** How a server stands, for people and health checks. Nothing is decided by it. */

import { hasCommittedInTerm } from '../../machines/rules/commitment.ts';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Follower } from '../../machines/rules/state.ts';
import { isReliable } from '../../machines/rules/unreliable.ts';
import { roleOf, type ServerSnapshot } from '../../machines/server.ts';
import type { FollowerStatus, MemberStatus, Status } from '../ports/server.ts';
import type { Engine } from './engine.ts';

const NO_LEADER = { heardLeader: null, leadership: null };

/** @param startedAt - when the server was started, on the clock's own scale */
export function statusOf(engine: Engine, startedAt: number): Status {
  const { options, clock, state, peers, requests, comparison, isStopped, failure } = engine;
  const { id, clusterId, clientAddress = '', transport } = options;
  const { log } = state;
  // The machine's last state may well be that of a leader, which it is no more.
  const { heardLeader, leadership } = isStopped ? NO_LEADER : state;
  const addressOf = (server: ServerId) =>
    server === id ? clientAddress : peers.clientAddressOf(server);
  const { servers, next } = log.configuration;
  const members = [...new Map([...servers, ...(next ?? [])].map((member) => [member.id, member]))];
  return {
    id,
    clusterId,
    role: isStopped ? 'stopped' : roleOf(engine.machine.snapshot),
    term: state.currentTerm,
    leader: heardLeader,
    leaderClientAddress: heardLeader === null ? null : addressOf(heardLeader) || null,
    isReady: leadership !== null && hasCommittedInTerm(state),
    commitIndex: state.commitIndex,
    appliedIndex: requests.applier.last.index,
    lastLogIndex: log.lastIndex,
    snapshotIndex: state.snapshot?.index ?? 0,
    uptimeMs: Math.round(clock.now() - startedAt),
    members: members.map(
      ([server, { peerAddress, votes }]): MemberStatus => ({
        id: server,
        peerAddress,
        clientAddress: addressOf(server),
        votes,
      }),
    ),
    peerSecurity: transport.security ?? null,
    writes: engine.groupCommit.status,
    quota: requests.quota.status,
    snapshotsInstalled: engine.snapshotsInstalled,
    commandsFailed: requests.commands.refused,
    warnings: engine.warnings.latest,
    comparison: comparison?.last ?? null,
    divergence: comparison?.divergence ?? null,
    followers: leadership && followersOf(engine, leadership.followers),
    failure,
  };
}

function followersOf(
  { machine, state, peers }: Engine,
  followers: readonly Follower[],
): Record<ServerId, FollowerStatus> {
  return Object.fromEntries(
    followers.map((follower): [ServerId, FollowerStatus] => [
      follower.id,
      {
        mode: modeOf(machine.snapshot, follower.id),
        hasLostEntries: !isReliable(state, follower.id),
        matchIndex: follower.matchIndex,
        lag: state.log.lastIndex - follower.matchIndex,
        lastContactMs:
          follower.lastAcknowledgedRequest === 0 ? null : peers.silentForMs(follower.id),
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
