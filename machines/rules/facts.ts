/**
 * What a rule decided and why, as data for people: the fact behind a decision, recorded only while
 * somebody listens (`isExplained`). Nothing is decided by facts. The words are in `src/feed`.
 */
import type { EntryPosition, LogIndex, ServerId, Term, TermRun } from './entries.ts';
import type { MessageType } from './messages.ts';

/** The fact behind a decision. */
export type Fact = ElectionFact | LogFact | SnapshotFact | ClientFact;

/** Why a vote or a pre-vote is withheld: what was compared, on both sides. */
export type VoteRefusal =
  /** Asked in an older term, or pre-asked for one that is not newer (§5.1). */
  | { readonly reason: 'wrong-term'; readonly own: Term; readonly candidate: Term }
  /** First come, first served (§5.2). */
  | { readonly reason: 'already-voted'; readonly term: Term; readonly votedFor: ServerId }
  /** There is a leader, perhaps ourselves (thesis §4.2.3). */
  | { readonly reason: 'hears-leader'; readonly term: Term; readonly leader: ServerId }
  /** It lacks entries that may be committed (§5.4.1). */
  | {
      readonly reason: 'log-behind';
      readonly own: EntryPosition;
      readonly candidate: EntryPosition;
    };

/** Why an answer cannot count any more, with both terms (§5.1). */
export type Staleness =
  | { readonly reason: 'responder-behind'; readonly own: Term; readonly responder: Term }
  | { readonly reason: 'asked-in-another-term'; readonly own: Term; readonly asked: Term };

/** The round of an election (thesis §9.6). */
export type Stage = 'pre-vote' | 'vote';

/** Whose votes a candidate has, and how many it takes. */
export interface Ballot {
  readonly votes: readonly ServerId[];
  readonly needed: number;
}

/** The election that a vote is for, or about. */
export interface Election {
  readonly stage: Stage;
  readonly term: Term;
}

/** Of terms, votes and leaders (§5.1, §5.2, §5.4.1; thesis §3.10, §4.2.3, §6.2, §9.6). */
export type ElectionFact =
  | {
      readonly kind: 'askedForPreVotes';
      readonly why:
        | { readonly reason: 'election-timeout' }
        /** It asks again: the last time there were too few. */
        | ({ readonly reason: 'no-majority'; readonly stage: Stage } & Ballot);
      readonly term: Term;
      readonly lastLog: EntryPosition;
      readonly asked: readonly ServerId[];
    }
  | {
      readonly kind: 'askedForVotes';
      readonly why:
        | ({ readonly reason: 'pre-votes' } & Ballot)
        | { readonly reason: 'asked-by-leader'; readonly leader: ServerId };
      readonly term: Term;
      readonly lastLog: EntryPosition;
      readonly asked: readonly ServerId[];
    }
  | ({ readonly kind: 'grantedVote'; readonly to: ServerId } & Election)
  | ({
      readonly kind: 'refusedVote';
      readonly to: ServerId;
      readonly refusal: VoteRefusal;
    } & Election)
  | ({ readonly kind: 'countedVote'; readonly from: ServerId } & Election & Ballot)
  | ({ readonly kind: 'heardRefusal'; readonly from: ServerId } & Election)
  /** Of a voter that has lost entries, and perhaps an earlier vote with them. */
  | ({ readonly kind: 'ignoredVote'; readonly from: ServerId } & Election)
  | ({ readonly kind: 'wonElection'; readonly term: Term } & Ballot)
  | {
      readonly kind: 'steppedDown';
      readonly as: 'candidate' | 'leader';
      readonly term: Term;
      readonly why: SteppingDown;
    }
  | {
      readonly kind: 'adoptedTerm';
      readonly from: ServerId;
      readonly message: MessageType;
      readonly own: Term;
      readonly seen: Term;
    }
  | { readonly kind: 'followedLeader'; readonly leader: ServerId; readonly term: Term }
  | { readonly kind: 'heardFromLeader'; readonly leader: ServerId; readonly term: Term }
  | {
      readonly kind: 'lostLeader';
      readonly leader: ServerId;
      readonly term: Term;
      /** For how long it was silent; null: the connection was lost. */
      readonly silentMs: number | null;
    }
  | {
      readonly kind: 'refusedOlderTerm';
      readonly from: ServerId;
      readonly message: MessageType;
      readonly own: Term;
      readonly theirs: Term;
    }
  | {
      readonly kind: 'ignoredAnswer';
      readonly from: ServerId;
      readonly message: MessageType;
      readonly staleness: Staleness;
    }
  | {
      readonly kind: 'offeredLeadership';
      readonly to: ServerId;
      readonly term: Term;
      readonly matchIndex: number;
    };

/** Why a candidate or a leader became a follower. */
export type SteppingDown =
  | {
      readonly reason: 'newer-term';
      readonly from: ServerId;
      readonly own: Term;
      readonly seen: Term;
    }
  | {
      readonly reason: 'quorum-silent';
      readonly heard: readonly ServerId[];
      readonly needed: number;
      readonly silentMs: number;
    }
  | { readonly reason: 'leader-found'; readonly leader: ServerId; readonly term: Term }
  | { readonly reason: 'vote-given'; readonly to: ServerId; readonly term: Term };

/** Where the logs part, as far as the follower can see: what it has there, and what was shown. */
export interface LogMismatch {
  readonly index: LogIndex;
  readonly leaderTerm: Term;
  /** Null when its log ends before. */
  readonly ownTerm: Term | null;
  readonly ownLastIndex: LogIndex;
}

/** How far each voter is known to store the log, and how many of them make a majority. */
export interface Copies {
  readonly matchIndexOf: readonly { readonly id: ServerId; readonly index: LogIndex }[];
  readonly needed: number;
}

/** Of logs: appended, refused, removed, committed, applied (§5.3, §5.4). */
export type LogFact =
  | {
      readonly kind: 'appendedEntries';
      /** `election`: a new leader's own empty entry (§8). */
      readonly source: 'election' | 'clients' | 'leader';
      readonly leader: ServerId;
      readonly runs: readonly TermRun[];
    }
  | {
      readonly kind: 'truncatedLog';
      readonly leader: ServerId;
      /** The first that goes, and the last. */
      readonly from: LogIndex;
      readonly through: LogIndex;
      /** At `from`. */
      readonly ownTerm: Term;
      readonly leaderTerm: Term;
    }
  | {
      readonly kind: 'refusedEntries';
      readonly leader: ServerId;
      readonly mismatch: LogMismatch;
      /** Where the logs may agree, for all it knows. */
      readonly hint: EntryPosition;
    }
  | {
      readonly kind: 'raisedMatchIndex';
      readonly follower: ServerId;
      readonly from: LogIndex;
      readonly through: LogIndex;
    }
  | {
      readonly kind: 'learntMismatch';
      readonly follower: ServerId;
      /** What it was shown and does not have. */
      readonly index: LogIndex;
      readonly hint: EntryPosition;
      /** How far the logs may agree, as far as both sides' terms tell. */
      readonly agree: LogIndex;
    }
  | {
      readonly kind: 'foundEntriesLost';
      readonly follower: ServerId;
      readonly acknowledged: LogIndex;
      readonly has: LogIndex;
    }
  | {
      readonly kind: 'foundEntriesAgain';
      readonly follower: ServerId;
      readonly through: LogIndex;
    }
  | ({ readonly kind: 'committed'; readonly from: LogIndex; readonly last: EntryPosition } & Copies)
  | {
      readonly kind: 'learntCommitIndex';
      readonly leader: ServerId;
      readonly from: LogIndex;
      readonly through: LogIndex;
    }
  /** A majority stores it, and yet counting does not commit it (§5.4.2). */
  | ({
      readonly kind: 'withheldCommit';
      readonly entry: EntryPosition;
      readonly term: Term;
    } & Copies)
  | { readonly kind: 'applied'; readonly from: LogIndex; readonly through: LogIndex }
  | {
      readonly kind: 'wroteDurably';
      readonly write: number;
      readonly durableIndex: LogIndex;
    };

/** Of snapshots: taken, offered, received, installed (§7; Figure 13). */
export type SnapshotFact =
  | { readonly kind: 'beganSnapshot'; readonly through: LogIndex }
  | {
      readonly kind: 'tookSnapshot';
      readonly index: LogIndex;
      readonly term: Term;
      readonly sizeBytes: number;
      /** The first entry that stays in the log. */
      readonly logFrom: LogIndex;
    }
  | {
      readonly kind: 'offeredSnapshot';
      readonly to: ServerId;
      readonly index: LogIndex;
      readonly term: Term;
      readonly matchIndex: LogIndex;
      readonly logFrom: LogIndex;
    }
  | {
      readonly kind: 'sentChunk';
      readonly to: ServerId;
      readonly index: LogIndex;
      readonly offset: number;
      readonly sizeBytes: number;
    }
  | {
      readonly kind: 'storedChunk';
      readonly from: ServerId;
      readonly index: LogIndex;
      readonly nextOffset: number;
      readonly sizeBytes: number;
    }
  | {
      readonly kind: 'installedSnapshot';
      readonly from: ServerId;
      readonly index: LogIndex;
      readonly term: Term;
      /** How many entries behind it stay, since they follow on it. */
      readonly kept: number;
      /** How many go, since they may not. */
      readonly dropped: number;
    }
  | { readonly kind: 'rejectedSnapshot'; readonly from: ServerId; readonly index: LogIndex }
  | {
      readonly kind: 'neededNoSnapshot';
      readonly from: ServerId;
      readonly index: LogIndex;
      readonly commitIndex: LogIndex;
    };

/** Why proposals were not appended: in each case they never will be. */
export type ProposalRefusal = 'not-leader' | 'not-ready' | 'overloaded';

/** Of clients' calls (§8; thesis §6.4). */
export type ClientFact =
  | {
      readonly kind: 'refusedCommands';
      readonly count: number;
      readonly reason: ProposalRefusal;
      readonly leader: ServerId | null;
    }
  /** They wait for word from a majority, and until applied state reflects `index`. */
  | {
      readonly kind: 'acceptedReads';
      readonly count: number;
      readonly index: LogIndex;
      /** Only answers to requests behind this number confirm them. */
      readonly after: number;
    }
  | { readonly kind: 'confirmedReads'; readonly count: number; readonly index: LogIndex }
  | {
      readonly kind: 'refusedReads';
      readonly count: number;
      readonly reason: 'not-leader' | 'not-ready';
      readonly leader: ServerId | null;
    };
