/** How much a fact matters to who follows a run: what to show, and what only when asked for. */
import type { AnyFact, FactOf, Kind } from './feed-fact.ts';

/** `low` is heartbeats and their like; `high` is elections, commits, crashes. */
export type Importance = 'low' | 'normal' | 'high';

const byKind: Readonly<Record<Kind, Importance>> = {
  askedForPreVotes: 'high',
  askedForVotes: 'high',
  grantedVote: 'normal',
  refusedVote: 'normal',
  countedVote: 'low',
  heardRefusal: 'low',
  ignoredVote: 'high',
  wonElection: 'high',
  steppedDown: 'high',
  adoptedTerm: 'normal',
  followedLeader: 'normal',
  heardFromLeader: 'low',
  lostLeader: 'normal',
  refusedOlderTerm: 'normal',
  ignoredAnswer: 'low',
  offeredLeadership: 'normal',

  appendedEntries: 'normal',
  truncatedLog: 'high',
  refusedEntries: 'normal',
  raisedMatchIndex: 'low',
  learntMismatch: 'normal',
  foundEntriesLost: 'high',
  foundEntriesAgain: 'high',
  committed: 'high',
  learntCommitIndex: 'normal',
  withheldCommit: 'high',
  applied: 'low',
  wroteDurably: 'low',

  beganSnapshot: 'normal',
  tookSnapshot: 'normal',
  offeredSnapshot: 'normal',
  sentChunk: 'low',
  storedChunk: 'low',
  installedSnapshot: 'high',
  rejectedSnapshot: 'high',
  neededNoSnapshot: 'low',

  refusedCommands: 'normal',
  acceptedReads: 'low',
  confirmedReads: 'normal',
  refusedReads: 'normal',

  started: 'normal',
  crashed: 'high',
  paused: 'high',
  resumed: 'high',
  stopped: 'high',
  failed: 'high',
  wasTimedOut: 'high',
  lostLink: 'high',
  regainedLink: 'high',
  partitioned: 'high',
  healed: 'high',
  lostMessage: 'normal',
  settledCall: 'normal',
};

export function importanceOf(fact: AnyFact): Importance {
  return fact.kind === 'lostMessage' && isOneOfMany(fact) ? 'low' : byKind[fact.kind];
}

/** The next heartbeat comes by itself, and its answer too: to a server that is down, all are lost. */
function isOneOfMany({ isHeartbeat, message, why }: FactOf<'lostMessage'>): boolean {
  return why !== 'dropped' && (isHeartbeat || message === 'AppendEntriesResponse');
}
