/** Clients' commands (Figure 2, "Leaders": append to the local log, respond after applying; §8). */
import { andThen, type Decision, decide, explained } from './decision.ts';
import { type Entry, entryBytes, type LogIndex, type Proposal, type Term } from './entries.ts';
import type { ProposalRefusal } from './facts.ts';
import { leadershipOf, type ServerState } from './state.ts';
import { append } from './writes.ts';

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
  const isFull = count < proposals.length;
  if (count === 0) return isFull ? reject(state, proposed, 0, 'overloaded') : decide(state);
  const { clock, time } = clusterTime(state, proposed.now);
  const leadership = { ...leadershipOf(state), clock };
  const { currentTerm: term, log } = state;
  const index = log.lastIndex + 1;
  const entries = proposals
    .slice(0, count)
    .map((proposal, i) => entryOf(proposal, index + i, term, time));
  const lastLogIndex = log.lastIndex + count;
  const outgoing = leadership.followers.map(
    ({ id }) => ({ follower: id, event: { type: 'log.extended', lastLogIndex } }) as const,
  );
  const tracked = decide({ ...state, leadership }, [
    { type: 'proposalsAppended', batch, count, index, term },
  ]);
  const appended = andThen(tracked, (next) => append(next, entries, 'clients'));
  const offered = andThen(appended, (next) => decide(next, [], outgoing));
  return isFull ? andThen(offered, (next) => reject(next, proposed, count, 'overloaded')) : offered;
}

/** Most are commands without a session: written out, since copying any other costs far more. */
function entryOf(proposal: Proposal, index: LogIndex, term: Term, time: number): Entry {
  if (proposal.session !== undefined) return { ...proposal, index, term, time };
  return { index, term, time, type: proposal.type, bytes: proposal.bytes };
}

/** Only the leader appends; whoever asks is told whom we hear from (§8). */
export function refuseProposals(state: ServerState, proposed: ProposedBatch): Decision {
  return reject(state, proposed, 0, 'not-leader');
}

/** Those of the batch from position `from` on. */
function reject(
  state: ServerState,
  { batch, proposals }: ProposedBatch,
  from: number,
  reason: ProposalRefusal,
): Decision {
  const { heardLeader: leader } = state;
  const rejected = decide(state, [{ type: 'rejectProposals', batch, from, reason, leader }]);
  const count = proposals.length - from;
  return explained(rejected, () => ({ kind: 'refusedCommands', count, reason, leader }));
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
