/** Where each kind of fact is seen to happen: a new kind does not compile until it is here. */
import type { Kind } from '../../src/feed/feed-fact.ts';
import type { OutsideFact } from '../../src/feed/outside.ts';

type Place =
  /** On the paths of the chart. */
  | 'paths'
  /** In whole runs: it takes more entries, terms and servers than the paths have. */
  | 'runs';

/** What is done from outside is told by who does it. */
type Decided = Exclude<Kind, OutsideFact['kind']> | 'started';

const PLACES: Readonly<Record<Decided, Place>> = {
  started: 'runs',
  askedForPreVotes: 'paths',
  askedForVotes: 'paths',
  grantedVote: 'paths',
  refusedVote: 'paths',
  countedVote: 'paths',
  heardRefusal: 'paths',
  ignoredVote: 'paths',
  wonElection: 'paths',
  steppedDown: 'paths',
  adoptedTerm: 'paths',
  followedLeader: 'paths',
  heardFromLeader: 'paths',
  lostLeader: 'paths',
  refusedOlderTerm: 'paths',
  ignoredAnswer: 'paths',
  offeredLeadership: 'paths',
  appendedEntries: 'paths',
  truncatedLog: 'paths',
  refusedEntries: 'paths',
  raisedMatchIndex: 'paths',
  learntMismatch: 'paths',
  foundEntriesLost: 'paths',
  foundEntriesAgain: 'paths',
  committed: 'paths',
  learntCommitIndex: 'paths',
  withheldCommit: 'runs',
  applied: 'paths',
  wroteDurably: 'paths',
  beganSnapshot: 'paths',
  tookSnapshot: 'paths',
  offeredSnapshot: 'runs',
  sentChunk: 'runs',
  storedChunk: 'paths',
  installedSnapshot: 'paths',
  rejectedSnapshot: 'paths',
  neededNoSnapshot: 'paths',
  refusedCommands: 'paths',
  acceptedReads: 'paths',
  confirmedReads: 'paths',
  refusedReads: 'paths',
};

export function kindsSeenOn(place: Place): readonly Kind[] {
  return Object.entries(PLACES)
    .filter(([, where]) => where === place)
    .map(([kind]) => kind as Kind);
}
