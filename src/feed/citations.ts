/** Where the paper says why: a section of the extended Raft paper, or of the thesis. */
import type { SteppingDown, VoteRefusal } from '../../machines/rules/facts.ts';
import type { FeedFact, Kind } from './feed-fact.ts';

const byKind: Readonly<Record<Kind, string | null>> = {
  askedForPreVotes: 'thesis §9.6',
  askedForVotes: '§5.2',
  grantedVote: '§5.2',
  refusedVote: '§5.2',
  countedVote: '§5.2',
  heardRefusal: '§5.2',
  ignoredVote: '§5.1',
  wonElection: '§5.2',
  steppedDown: '§5.1',
  adoptedTerm: '§5.1',
  followedLeader: '§5.2',
  heardFromLeader: '§5.2',
  lostLeader: 'thesis §4.2.3',
  refusedOlderTerm: '§5.1',
  ignoredAnswer: '§5.1',
  offeredLeadership: 'thesis §3.10',

  appendedEntries: '§5.3',
  truncatedLog: '§5.3',
  refusedEntries: '§5.3',
  raisedMatchIndex: '§5.3',
  learntMismatch: '§5.3',
  foundEntriesLost: '§5.1',
  foundEntriesAgain: '§5.1',
  committed: '§5.3',
  learntCommitIndex: '§5.3',
  withheldCommit: '§5.4.2',
  applied: '§5.3',
  wroteDurably: '§5.1',

  beganSnapshot: '§7',
  tookSnapshot: '§7',
  offeredSnapshot: '§7',
  sentChunk: '§7',
  storedChunk: '§7',
  installedSnapshot: '§7',
  rejectedSnapshot: '§7',
  neededNoSnapshot: '§7',

  refusedCommands: '§8',
  acceptedReads: '§8',
  confirmedReads: '§8',
  refusedReads: '§8',

  started: '§5.1',
  crashed: null,
  paused: null,
  resumed: null,
  stopped: null,
  failed: null,
  wasTimedOut: null,
  lostLink: null,
  regainedLink: null,
  partitioned: null,
  healed: null,
  lostMessage: null,
  settledCall: '§8',
};

const byRefusal: Readonly<Record<VoteRefusal['reason'], string>> = {
  'wrong-term': '§5.1',
  'already-voted': '§5.2',
  'hears-leader': 'thesis §4.2.3',
  'log-behind': '§5.4.1',
};

const bySteppingDown: Readonly<Record<SteppingDown['reason'], string>> = {
  'newer-term': '§5.1',
  'quorum-silent': 'thesis §6.2',
  'leader-found': '§5.2',
  'vote-given': '§5.2',
};

/** Null for what is done from outside: no rule has decided it. */
export function citationOf(fact: FeedFact): string | null {
  switch (fact.kind) {
    case 'refusedVote':
      return byRefusal[fact.refusal.reason];
    case 'steppedDown':
      return bySteppingDown[fact.why.reason];
    case 'askedForVotes':
      return fact.why.reason === 'asked-by-leader' ? 'thesis §3.10' : '§5.2';
    case 'grantedVote':
    case 'countedVote':
    case 'heardRefusal':
      return fact.stage === 'pre-vote' ? 'thesis §9.6' : '§5.2';
    case 'appendedEntries':
      return fact.source === 'election' ? '§8' : '§5.3';
    default:
      return byKind[fact.kind];
  }
}
