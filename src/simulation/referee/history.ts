/** What has been seen in the whole cluster, over its whole life: who led, what was in logs, what was committed. */
import type { Configuration } from '../../../machines/rules/configuration.ts';
import type { EntryPosition, LogIndex, ServerId, Term } from '../../../machines/rules/entries.ts';
import type { PrefixHash } from './prefix-hash.ts';

/** How much has been looked at: who reads that a property has held so far sees that it was tried. */
export interface RefereeCounts {
  /** Terms that had a leader: Election Safety. */
  readonly termsLed: number;
  /** Steps of leaders whose logs were held against those before: Leader Append-Only. */
  readonly leaderSteps: number;
  /** Entries, in memory and on disks, held against those seen at the same place: Log Matching. */
  readonly entriesMatched: number;
  /** Logs of leaders held against what was committed: Leader Completeness. */
  readonly leadersCompared: number;
  /** Entries handed to state machines, held against what was committed there: State Machine Safety. */
  readonly entriesApplied: number;
}

/** As it is kept; leaders are in the history anyway. */
type Tally = { -readonly [Count in Exclude<keyof RefereeCounts, 'termsLed'>]: number };

interface SeenEntry {
  readonly term: Term;
  readonly prefix: PrefixHash;
  readonly seenAt: ServerId;
}

export interface CommittedEntry {
  readonly term: Term;
  readonly prefix: PrefixHash;
  /** The term of the server that was first seen to have committed it. */
  readonly inTerm: Term;
  readonly by: ServerId;
  readonly configuration: Configuration;
}

/** A server between a start and a crash: its name, and how often it had started. */
export type RunName = string;

export class RefereeHistory {
  readonly leaders = new Map<Term, RunName>();
  /** The greatest index at which an entry of the term was seen. */
  readonly lastIndexOfTerm = new Map<Term, LogIndex>();
  /** Whom each server was seen to have voted for, by `server/term`. */
  readonly votes = new Map<string, ServerId>();
  /** What candidates show of their logs, by `candidate/term`. */
  readonly campaigns = new Map<string, EntryPosition>();
  /** The index each snapshot ends at, by its id. */
  readonly snapshotIndexes = new Map<string, LogIndex>();
  /** A digest of the sessions in the snapshots at an index, and whose was the first. */
  readonly sessions = new Map<LogIndex, { readonly digest: string; readonly by: ServerId }>();
  readonly committed = new Map<LogIndex, CommittedEntry>();
  lastCommitted = 0;
  readonly tally: Tally = {
    leaderSteps: 0,
    entriesMatched: 0,
    leadersCompared: 0,
    entriesApplied: 0,
  };
  readonly #seen = new Map<LogIndex, SeenEntry[]>();
  #prunedThrough = -1;

  /** Notes who leads the term. @returns who was first seen to lead it. */
  noteLeader(term: Term, run: RunName): RunName {
    const known = this.leaders.get(term) ?? run;
    this.leaders.set(term, known);
    return known;
  }

  /** Notes an entry of a log. @returns what was seen before at that place, if it was another one. */
  note(index: LogIndex, entry: SeenEntry): SeenEntry | null {
    const seen = this.#seen.get(index) ?? [];
    const before = seen.find(({ term }) => term === entry.term);
    if (before !== undefined) return before.prefix === entry.prefix ? null : before;
    this.#seen.set(index, seen);
    seen.push(entry);
    return null;
  }

  /** The hash of the prefix that ends at a position seen before. */
  readonly prefixAt = ({ index, term }: EntryPosition): PrefixHash | null =>
    this.#seen.get(index)?.find((entry) => entry.term === term)?.prefix ?? null;

  /** Forgets what lies below every log: no log grows there again. */
  pruneBelow(index: LogIndex): void {
    for (let each = Math.max(0, this.#prunedThrough + 1); each < index; each += 1) {
      this.#seen.delete(each);
      this.committed.delete(each);
    }
    this.#prunedThrough = Math.max(this.#prunedThrough, index - 1);
  }
}
