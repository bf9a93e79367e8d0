/** Of each kind of fact: how much it matters to who follows a run, and where the paper says why. */
import type { SteppingDown, VoteRefusal } from '../../machines/rules/facts.ts';
import type { AnyFact, FactOf, FeedFact, Kind } from './feed-fact.ts';

/** `low` is heartbeats and their like; `high` is elections, commits, crashes. */
export type Importance = 'low' | 'normal' | 'high';

/** A section of the extended Raft paper, or of the thesis; null: no rule decides it. */
type Citation = string | null;

const KINDS: Readonly<Record<Kind, readonly [Importance, Citation]>> = {
  askedForPreVotes: ['high', 'thesis §9.6'],
  askedForVotes: ['high', '§5.2'],
  grantedVote: ['normal', '§5.2'],
  refusedVote: ['normal', '§5.2'],
  countedVote: ['low', '§5.2'],
  heardRefusal: ['low', '§5.2'],
  ignoredVote: ['high', '§5.1'],
  wonElection: ['high', '§5.2'],
  steppedDown: ['high', '§5.1'],
  adoptedTerm: ['normal', '§5.1'],
  followedLeader: ['normal', '§5.2'],
  heardFromLeader: ['low', '§5.2'],
  lostLeader: ['normal', 'thesis §4.2.3'],
  refusedOlderTerm: ['normal', '§5.1'],
  ignoredAnswer: ['low', '§5.1'],
  offeredLeadership: ['normal', 'thesis §3.10'],

  appendedEntries: ['normal', '§5.3'],
  truncatedLog: ['high', '§5.3'],
  refusedEntries: ['normal', '§5.3'],
  raisedMatchIndex: ['low', '§5.3'],
  learntMismatch: ['normal', '§5.3'],
  foundEntriesLost: ['high', '§5.1'],
  foundEntriesAgain: ['high', '§5.1'],
  committed: ['high', '§5.3'],
  learntCommitIndex: ['normal', '§5.3'],
  withheldCommit: ['high', '§5.4.2'],
  applied: ['low', '§5.3'],
  wroteDurably: ['low', '§5.1'],

  beganSnapshot: ['normal', '§7'],
  tookSnapshot: ['normal', '§7'],
  offeredSnapshot: ['normal', '§7'],
  sentChunk: ['low', '§7'],
  storedChunk: ['low', '§7'],
  installedSnapshot: ['high', '§7'],
  rejectedSnapshot: ['high', '§7'],
  neededNoSnapshot: ['low', '§7'],

  refusedCommands: ['normal', '§8'],
  acceptedReads: ['low', '§8'],
  confirmedReads: ['normal', '§8'],
  refusedReads: ['normal', '§8'],

  started: ['normal', '§5.1'],
  crashed: ['high', null],
  paused: ['high', null],
  resumed: ['high', null],
  stopped: ['high', null],
  failed: ['high', null],
  wasTimedOut: ['high', null],
  lostLink: ['high', null],
  regainedLink: ['high', null],
  partitioned: ['high', null],
  healed: ['high', null],
  lostMessage: ['normal', null],
  settledCall: ['normal', '§8'],
};

export function importanceOf(fact: AnyFact): Importance {
  return fact.kind === 'lostMessage' && isOneOfMany(fact) ? 'low' : KINDS[fact.kind][0];
}

/** The next heartbeat comes by itself, and its answer too: to a server that is down, all are lost. */
function isOneOfMany({ isHeartbeat, message, why }: FactOf<'lostMessage'>): boolean {
  return why !== 'dropped' && (isHeartbeat || message === 'AppendEntriesResponse');
}

const BY_REFUSAL: Readonly<Record<VoteRefusal['reason'], string>> = {
  'wrong-term': '§5.1',
  'already-voted': '§5.2',
  'hears-leader': 'thesis §4.2.3',
  'log-behind': '§5.4.1',
};

const BY_STEPPING_DOWN: Readonly<Record<SteppingDown['reason'], string>> = {
  'newer-term': '§5.1',
  'quorum-silent': 'thesis §6.2',
  'leader-found': '§5.2',
  'vote-given': '§5.2',
};

/** Null for what is done from outside: no rule has decided it. */
export function citationOf(fact: FeedFact): Citation {
  switch (fact.kind) {
    case 'refusedVote':
      return BY_REFUSAL[fact.refusal.reason];
    case 'steppedDown':
      return BY_STEPPING_DOWN[fact.why.reason];
    case 'askedForVotes':
      return fact.why.reason === 'asked-by-leader' ? 'thesis §3.10' : '§5.2';
    case 'grantedVote':
    case 'countedVote':
    case 'heardRefusal':
      return fact.stage === 'pre-vote' ? 'thesis §9.6' : '§5.2';
    case 'appendedEntries':
      return fact.source === 'election' ? '§8' : '§5.3';
    default:
      return KINDS[fact.kind][1];
  }
}
