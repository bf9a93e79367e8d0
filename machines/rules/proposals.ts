/** Clients' commands (Figure 2, "Leaders": append to the local log, respond after applying; §8). */
import { type Decision, decide } from './decision.ts';
import type { Effect } from './effects.ts';
import { type Entry, entryBytes, type LogIndex, type Proposal, type Term } from './entries.ts';
import { leadershipOf, type ServerState } from './state.ts';
import { persist } from './writes.ts';

/** What the host gathered in one turn; `now` is its monotonic clock, in milliseconds. */
export interface ProposedBatch {
  readonly batch: number;
  readonly now: number;
  readonly proposals: readonly Proposal[];
}

/** Appends as many as the bounds allow, in one write, and refuses the rest as overloaded. */
export function extendLog(state: ServerState, proposed: ProposedBatch): Decision {
  const { batch, proposals } = proposed;
  const count = admitted(state, proposals);
  const refusals: Effect[] =
    count === proposals.length
      ? []
      : [
          {
            type: 'rejectProposals',
            batch,
            from: count,
            reason: 'overloaded',
            leader: state.heardLeader,
          },
        ];
  if (count === 0) return decide(state, refusals);
  const { clock, time } = clusterTime(state, proposed.now);
  const leadership = { ...leadershipOf(state), clock };
  const { currentTerm: term, log } = state;
  const index = log.lastIndex + 1;
  const entries = proposals
    .slice(0, count)
    .map((proposal, i) => entryOf(proposal, index + i, term, time));
  const extended = persist({ ...state, leadership, log: log.append(entries) }, { entries });
  const lastLogIndex = extended.state.log.lastIndex;
  return decide(
    extended.state,
    [{ type: 'proposalsAppended', batch, count, index, term }, ...extended.effects, ...refusals],
    leadership.followers.map(({ id }) => ({
      follower: id,
      event: { type: 'log.extended', lastLogIndex },
    })),
  );
}

/** Most are commands without a session: written out, since copying any other costs far more. */
function entryOf(proposal: Proposal, index: LogIndex, term: Term, time: number): Entry {
  if (proposal.session !== undefined) return { ...proposal, index, term, time };
  return { index, term, time, type: proposal.type, bytes: proposal.bytes };
}

/** Only the leader appends; whoever asks is told whom we hear from (§8). */
export function refuseProposals(state: ServerState, { batch }: ProposedBatch): Decision {
  return decide(state, [
    { type: 'rejectProposals', batch, from: 0, reason: 'not-leader', leader: state.heardLeader },
  ]);
}

/**
 * How many may come in before what is uncommitted, unapplied or logged passes its bound. What our own
 * disk does not have yet counts as uncommitted: followers commit without it (thesis §10.2.1), and it
 * is held until it is written.
 */
function admitted(state: ServerState, proposals: readonly Proposal[]): number {
  const { log, commitIndex, lastApplied, writes, parameters } = state;
  const isBehind = log.bytesBetween(lastApplied, commitIndex) > parameters.unappliedBytesMax;
  if (isBehind || log.bytes > parameters.logBytesMax) return 0;
  const settled = Math.min(commitIndex, writes.durableIndex);
  let room = parameters.uncommittedBytesMax - log.bytesBetween(settled, log.lastIndex);
  let count = 0;
  for (const proposal of proposals) {
    room -= entryBytes(proposal);
    if (room < 0) break;
    count += 1;
  }
  return count;
}

/**
 * Cluster time: our monotonic clock, counted on from the last entry's time when we were elected.
 * Never a wall clock, never less than before (thesis §6.3). Always counted from that one moment:
 * from batch to batch, each would lose its fraction of a millisecond.
 */
function clusterTime(state: ServerState, now: number) {
  const { lastTime } = state.log;
  const clock = leadershipOf(state).clock ?? { now, time: lastTime };
  return { clock, time: Math.max(lastTime, clock.time + Math.floor(now - clock.now)) };
}
