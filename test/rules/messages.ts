/** Messages for tests: from b to a, of term 1, numbered 7, unless a test says otherwise. */
import type {
  AppendEntries,
  AppendEntriesResponse,
  InstallSnapshot,
  InstallSnapshotResponse,
  PreVote,
  PreVoteResponse,
  RequestVote,
  RequestVoteResponse,
  TimeoutNow,
} from '../../machines/rules/messages.ts';
import { entriesOf } from './states.ts';

type Some<M> = Partial<Omit<M, 'type'>>;
const FROM_B = { from: 'b', to: 'a', requestId: 7 };

export const appendEntries = (some: Some<AppendEntries> & { terms?: string } = {}) => {
  const { terms = '', prevLogIndex = 0, ...rest } = some;
  const message: AppendEntries = {
    type: 'AppendEntries',
    ...FROM_B,
    term: 1,
    prevLogIndex,
    prevLogTerm: 0,
    entries: entriesOf(terms, prevLogIndex + 1),
    leaderCommit: 0,
    ...rest,
  };
  return message;
};

export const appendEntriesResponse = (
  some: Some<AppendEntriesResponse> = {},
): AppendEntriesResponse => ({
  type: 'AppendEntriesResponse',
  ...FROM_B,
  term: 1,
  requestTerm: some.term ?? 1,
  success: true,
  matchIndex: 0,
  prevLogIndex: 0,
  hintIndex: 0,
  hintTerm: 0,
  ...some,
});

export const requestVote = (some: Some<RequestVote> = {}): RequestVote => ({
  type: 'RequestVote',
  ...FROM_B,
  term: 1,
  lastLogIndex: 0,
  lastLogTerm: 0,
  isLeadershipTransfer: false,
  ...some,
});

export const requestVoteResponse = (some: Some<RequestVoteResponse> = {}): RequestVoteResponse => ({
  type: 'RequestVoteResponse',
  ...FROM_B,
  term: 1,
  requestTerm: some.term ?? 1,
  granted: true,
  ...some,
});

export const preVote = (some: Some<PreVote> = {}): PreVote => ({
  type: 'PreVote',
  ...FROM_B,
  proposedTerm: 1,
  lastLogIndex: 0,
  lastLogTerm: 0,
  ...some,
});

export const preVoteResponse = (some: Some<PreVoteResponse> = {}): PreVoteResponse => ({
  type: 'PreVoteResponse',
  ...FROM_B,
  term: 0,
  proposedTerm: 1,
  granted: true,
  ...some,
});

export const installSnapshot = (some: Some<InstallSnapshot> = {}): InstallSnapshot => ({
  type: 'InstallSnapshot',
  ...FROM_B,
  term: 1,
  snapshot: { id: 's', index: 5, term: 1, sizeBytes: 1000 },
  offset: 0,
  bytes: new Uint8Array(400),
  isLast: false,
  ...some,
});

export const installSnapshotResponse = (
  some: Some<InstallSnapshotResponse> = {},
): InstallSnapshotResponse => ({
  type: 'InstallSnapshotResponse',
  ...FROM_B,
  term: 1,
  requestTerm: some.term ?? 1,
  snapshotId: 's',
  nextOffset: 400,
  isDone: false,
  ...some,
});

export const timeoutNow = (some: Some<TimeoutNow> = {}): TimeoutNow => ({
  type: 'TimeoutNow',
  ...FROM_B,
  term: 1,
  ...some,
});
