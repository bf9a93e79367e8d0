/**
 * A timer restarts where an arrow enters its state anew. The arrows that do so are these and no
 * others: a new one is approved here, with its reason in the chart.
 */
import { describe, expect, it } from 'vitest';
import { machines } from '../../machines/index.ts';
import { type Arrow, chartOf, isWithin, statesWithin } from '../../src/diagram/chart.ts';
import { transitionLabel } from '../../src/diagram/labels.ts';
import { filesBelow, read } from './source-files.ts';

const charts = Object.entries(machines).map(([name, machine]) => ({
  name,
  chart: chartOf(machine.root),
}));
const server = chartOf(machines.server.root);

/** Every arrow of a chart that holds, as `source: event [guard] → target`. */
function arrowsOf(chart: typeof server, holds: (arrow: Arrow) => boolean): string[] {
  return statesWithin(chart).flatMap((state) =>
    state.arrows
      .filter(holds)
      .map((arrow) => `${state.id}: ${transitionLabel(arrow, state)} → ${arrow.target}`),
  );
}

const isReturn = ({ source, target, isReentry }: Arrow) =>
  target !== null && (isReentry || isWithin(target, source));

describe('the election timer of a follower (§5.2)', () => {
  it('restarts on word from the leader, on granting a vote, and on becoming a follower', () => {
    const entering = ({ target }: Arrow) => target !== null && isWithin(target, 'server.follower');
    expect(arrowsOf(server, entering)).toEqual([
      // From any state: a newer term makes a follower. A follower answers it by itself, in place.
      'server: rpc.received [else mayAdoptTerm] → server.follower',
      'server.follower: RequestVote [mayGrantVote] → server.follower.waiting',
      'server.follower: AppendEntries → server.follower.following',
      'server.follower: AppendEntries → server.follower.following',
      'server.follower: InstallSnapshot → server.follower.following',
      'server.follower: InstallSnapshot → server.follower.following',
      'server.follower.waiting: after electionTimeout [else] → server.follower.waiting',
      'server.follower.following: connection.lost [hearsFromPeer] → server.follower.disconnected',
      'server.follower.following: after electionTimeoutMin → server.follower.suspecting',
      'server.follower.suspecting: after electionTimeoutRest [else] → server.follower.waiting',
      'server.follower.disconnected: after lostLeaderWait [else] → server.follower.waiting',
      'server.candidate: RequestVote [mayGrantVote] → server.follower',
      'server.candidate: AppendEntries → server.follower',
      'server.candidate: InstallSnapshot → server.follower',
      'server.leader.quorum.checking: after quorumCheckInterval [else] → server.follower',
    ]);
  });

  it('goes on when a follower adopts a newer term', () => {
    const follower = statesWithin(server).find(({ id }) => id === 'server.follower');
    const own = follower?.arrows.filter(({ event }) => event === 'rpc.received');
    expect(own).toMatchObject([{ guard: 'mayAdoptTerm', target: null, isReentry: false }]);
  });
});

describe('arrows that lead back into their own state', () => {
  const approved: Readonly<Record<string, readonly string[]>> = {
    server: [
      'server: rpc.received [else mayAdoptTerm] → server.follower',
      'server.follower: RequestVote [mayGrantVote] → server.follower.waiting',
      'server.follower: AppendEntries → server.follower.following',
      'server.follower: AppendEntries → server.follower.following',
      'server.follower: InstallSnapshot → server.follower.following',
      'server.follower: InstallSnapshot → server.follower.following',
      'server.follower.waiting: after electionTimeout [else] → server.follower.waiting',
      'server.candidate.preVote: after electionTimeout → server.candidate.preVote',
      'server.candidate.preVote.asking: after retryInterval → server.candidate.preVote.asking',
      'server.candidate.vote.asking: after retryInterval → server.candidate.vote.asking',
      'server.leader.quorum.checking: after quorumCheckInterval [hearsFromQuorum] → server.leader.quorum.checking',
    ],
    replication: [
      'replication.heartbeat.sendingHeartbeats: round.begun → replication.heartbeat.sendingHeartbeats',
      'replication.heartbeat.sendingHeartbeats: after heartbeatInterval → replication.heartbeat.sendingHeartbeats',
      'replication.progress: snapshot.offered → replication.progress.snapshot',
      'replication.progress: acknowledgements.lost → replication.progress.halted',
      'replication.progress.probe: append.refused [else answersThisMode] → replication.progress.probe',
      'replication.progress.replicate: append.refused [isNewGap] → replication.progress.replicate',
      'replication.progress.snapshot: chunk.accepted [else answersThisMode] → replication.progress.snapshot.sending',
      'replication.progress.snapshot: snapshot.offered → replication.progress.snapshot.sending',
      'replication.progress.snapshot.repeating: after chunkTimeout → replication.progress.snapshot.repeating',
    ],
    request: [
      'request: request.submitted → request.asking',
      'request.asking.waiting: attempt.ended [else mayFollow] → request.asking.waiting',
    ],
  };

  it.each(charts)('$name has these', ({ name, chart }) => {
    expect(arrowsOf(chart, isReturn)).toEqual(approved[name]);
  });

  it('are marked ↻ where they say `reenter`', () => {
    const unmarked = filesBelow('machines').flatMap((file) => {
      const lines = read(file).split('\n');
      return lines.flatMap((line, at) => {
        const near = lines.slice(Math.max(0, at - 2), at + 1).join('\n');
        return line.includes('reenter: true') && !near.includes('↻') ? [`${file}:${at + 1}`] : [];
      });
    });
    expect(unmarked).toEqual([]);
  });
});
