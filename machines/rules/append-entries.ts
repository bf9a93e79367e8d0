/** Replication, the follower's side (Figure 2, "AppendEntries RPC, Receiver implementation"; §5.3). */
import { commitThrough } from './commitment.ts';
import { andThen, type Decision, decide, explained } from './decision.ts';
import type { LogIndex } from './entries.ts';
import type { LogMismatch } from './facts.ts';
import { invariant } from './invariant.ts';
import { type AppendEntries, type AppendEntriesResponse, echoOf } from './messages.ts';
import type { ServerState } from './state.ts';
import { explainHearing, hearLeader } from './term-leader.ts';
import { append } from './writes.ts';

/**
 * Entries are accepted only where our log has the entry just before them, of the same term (§5.3).
 * What is at or below our commit index matches by definition (Log Matching).
 */
export function logMatches(state: ServerState, request: AppendEntries): boolean {
  const { prevLogIndex: index, prevLogTerm: term } = request;
  return index <= state.commitIndex || state.log.holds({ index, term });
}

/** Why entries are refused (§5.3, step 2); null when they follow on what is here. */
export function mismatchOf(state: ServerState, request: AppendEntries): LogMismatch | null {
  if (logMatches(state, request)) return null;
  const { prevLogIndex: index, prevLogTerm: leaderTerm } = request;
  const { log } = state;
  const ownTerm = log.termAt(index) ?? null;
  return { index, leaderTerm, ownTerm, ownLastIndex: log.lastIndex };
}

/** Removes what conflicts, appends what is new, follows the leader's commit index (§5.3). */
export function acceptEntries(state: ServerState, request: AppendEntries): Decision {
  const heard = hearLeader(state, request);
  const acknowledged = request.prevLogIndex + request.entries.length;
  const appended = explained(appendNew(heard, request), () => explainHearing(state, request));
  const answered = andThen(appended, (next) => acknowledge(next, request, acknowledged));
  return andThen(answered, (next) =>
    commitThrough(next, Math.min(request.leaderCommit, acknowledged)),
  );
}

/** Truncates only at a real conflict: a late message must not cut off newer entries (step 3). */
function appendNew(state: ServerState, request: AppendEntries): Decision {
  const { log } = state;
  const isKnown = ({ index, term }: { index: LogIndex; term: number }) =>
    index <= log.base.index || log.holds({ index, term });
  const firstNew = request.entries.findIndex((entry) => !isKnown(entry));
  if (firstNew === -1) return decide(state);
  const entries = request.entries.slice(firstNew);
  const from = entries[0]?.index ?? 0;
  if (from > log.lastIndex) return append(state, entries, 'leader');
  invariant(
    from > state.commitIndex,
    `${state.id} has committed entry ${from} in term ${log.termAt(from)}, and ${request.from}, ` +
      `leader of term ${request.term}, sends another of term ${entries[0]?.term} (§5.4.3)`,
  );
  return explained(append(state, entries, 'leader', from), () => ({
    kind: 'truncatedLog',
    leader: request.from,
    from,
    through: log.lastIndex,
    ownTerm: log.termAt(from) ?? 0,
    leaderTerm: entries[0]?.term ?? 0,
  }));
}

/**
 * Entries are acknowledged once every write decided so far is durable: one in flight may hold what
 * this message repeats. A heartbeat's answer waits only for the term, and promises only what is
 * already durable, so that a slow disk does not look like a dead server (thesis §10.2.1).
 */
function acknowledge(state: ServerState, request: AppendEntries, through: LogIndex): Decision {
  const isHeartbeat = request.entries.length === 0;
  const matchIndex = isHeartbeat ? Math.min(through, state.writes.durableIndex) : through;
  return answer(state, request, { success: true, matchIndex, hintIndex: 0, hintTerm: 0 });
}

/** Step 2, with a hint that lets the leader skip whole terms (§5.3, last paragraphs). */
export function refuseEntries(state: ServerState, request: AppendEntries): Decision {
  const { prevLogIndex: index, prevLogTerm: term } = request;
  const hintIndex = state.log.lastIndexAtMost({ index, term });
  const hintTerm = state.log.termAt(hintIndex) ?? 0;
  const heard = hearLeader(state, request);
  const refused = answer(heard, request, { success: false, matchIndex: 0, hintIndex, hintTerm });
  const because = explained(refused, () => {
    const mismatch = mismatchOf(state, request);
    const hint = { index: hintIndex, term: hintTerm };
    return mismatch && { kind: 'refusedEntries', leader: request.from, mismatch, hint };
  });
  return explained(because, () => explainHearing(state, request));
}

type Verdict = Pick<AppendEntriesResponse, 'success' | 'matchIndex' | 'hintIndex' | 'hintTerm'>;

function answer(state: ServerState, request: AppendEntries, verdict: Verdict): Decision {
  const message: AppendEntriesResponse = {
    type: 'AppendEntriesResponse',
    ...echoOf(state, request),
    prevLogIndex: request.prevLogIndex,
    ...verdict,
  };
  const afterWrite = request.entries.length === 0 ? state.writes.ofTerm : state.writes.decided;
  return decide(state, [{ type: 'send', message, afterWrite }]);
}
