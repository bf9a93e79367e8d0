/**
 * What this server has asked its disk to keep, and what the disk has confirmed (§5.1: "updated on
 * stable storage before responding to RPCs"; thesis §10.2.1).
 */
import { type Decision, decide, explained } from './decision.ts';
import type { Persist } from './effects.ts';
import { type Entry, type LogIndex, termRuns } from './entries.ts';
import type { ServerState } from './state.ts';

type Written = Partial<Pick<Persist, 'truncateFrom' | 'entries' | 'snapshot' | 'base'>>;

/** Decides one write of the state as it stands now; term and vote are always in it. */
export function persist(state: ServerState, written: Written = {}): Decision {
  const { truncateFrom = null, entries = [], snapshot = null, base = null } = written;
  const writeId = state.writes.decided + 1;
  const { currentTerm: term, votedFor, commitIndex } = state;
  const effect: Persist = {
    type: 'persist',
    writeId,
    term,
    votedFor,
    commitIndex: Math.min(commitIndex, state.log.lastIndex),
    truncateFrom,
    entries,
    snapshot,
    base,
  };
  const { durable, ofTerm, durableIndex, pending } = truncated(state.writes, truncateFrom);
  const movesLog = entries.length > 0 || snapshot !== null || base !== null;
  // Written out, as each write copies the one before: see `writtenOut`.
  const writes = {
    decided: writeId,
    durable,
    ofTerm,
    durableIndex,
    pending: movesLog ? [...pending, { writeId, lastIndex: state.log.lastIndex }] : pending,
  };
  return decide({ ...state, writes }, [effect]);
}

/** Appends the entries, instead of its own from `truncateFrom` on, and decides the write of them. */
export function append(
  state: ServerState,
  entries: readonly Entry[],
  source: 'election' | 'clients' | 'leader',
  truncateFrom: LogIndex | null = null,
): Decision {
  const kept = truncateFrom === null ? state.log : state.log.truncateFrom(truncateFrom);
  const appended = persist({ ...state, log: kept.append(entries) }, { truncateFrom, entries });
  return explained(appended, () => {
    const leader = state.heardLeader ?? state.id;
    return { kind: 'appendedEntries', source, leader, runs: termRuns(entries) };
  });
}

/** Like `persist`, for a write that holds a new term: what promises only the term waits for it. */
export function persistTerm(state: ServerState): Decision {
  const { state: next, effects } = persist(state);
  return decide({ ...next, writes: { ...next.writes, ofTerm: next.writes.decided } }, effects);
}

/** Storage has confirmed every write up to and with `writeId`. */
export function recordWrites(state: ServerState, { writeId }: { writeId: number }): Decision {
  const { writes } = state;
  if (writeId <= writes.durable) return decide(state);
  const confirmed = writes.pending.findLast((write) => write.writeId <= writeId);
  const durableIndex = Math.max(writes.durableIndex, confirmed?.lastIndex ?? 0);
  const pending =
    confirmed === undefined
      ? writes.pending
      : writes.pending.filter((write) => write.writeId > writeId);
  const { decided, ofTerm } = writes;
  const recorded = { decided, durable: writeId, ofTerm, durableIndex, pending };
  return explained(decide({ ...state, writes: recorded }), () => ({
    kind: 'wroteDurably',
    write: writeId,
    durableIndex,
  }));
}

function truncated(writes: ServerState['writes'], from: number | null): ServerState['writes'] {
  if (from === null) return writes;
  return {
    ...writes,
    durableIndex: Math.min(writes.durableIndex, from - 1),
    pending: writes.pending.map((write) => ({
      ...write,
      lastIndex: Math.min(write.lastIndex, from - 1),
    })),
  };
}
