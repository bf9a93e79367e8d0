/** One message of each kind, with something in every field: for suites and golden files. */
import { NO_BYTES } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';

const REQUEST = { from: 'a', to: 'b', term: 3 } as const;
const RESPONSE = { from: 'b', to: 'a', term: 3, requestTerm: 3 } as const;

export const EXAMPLE_MESSAGES: readonly Message[] = [
  {
    type: 'RequestVote',
    ...REQUEST,
    requestId: 17,
    lastLogIndex: 9,
    lastLogTerm: 2,
    isLeadershipTransfer: true,
  },
  { type: 'RequestVoteResponse', ...RESPONSE, requestId: 17, granted: true },
  {
    type: 'AppendEntries',
    from: 'a',
    to: 'c.example-1_x',
    term: 70_000,
    requestId: 5_000_000_000,
    prevLogIndex: 9,
    prevLogTerm: 2,
    entries: [
      { index: 10, term: 3, time: 1_000, type: 'empty', bytes: NO_BYTES },
      { index: 11, term: 3, time: 1_000.5, type: 'openSession', bytes: NO_BYTES },
      {
        index: 12,
        term: 70_000,
        time: 2_000,
        type: 'command',
        bytes: new Uint8Array([0, 127, 128, 255]),
        session: 11,
        sequence: 2,
        firstUnanswered: 1,
      },
    ],
    leaderCommit: 9,
  },
  {
    type: 'AppendEntriesResponse',
    ...RESPONSE,
    term: 4,
    requestId: 18,
    success: false,
    matchIndex: 0,
    prevLogIndex: 9,
    hintIndex: 6,
    hintTerm: 2,
  },
  {
    type: 'InstallSnapshot',
    ...REQUEST,
    requestId: 19,
    snapshot: { id: 'a-12-3', index: 12, term: 3, sizeBytes: 1_003 },
    offset: 1_000,
    bytes: new Uint8Array([1, 2, 3]),
    isLast: true,
  },
  {
    type: 'InstallSnapshotResponse',
    ...RESPONSE,
    requestId: 19,
    snapshotId: 'a-12-3',
    nextOffset: 1_003,
    isDone: true,
  },
  {
    type: 'PreVote',
    from: 'a',
    to: 'b',
    requestId: 1,
    proposedTerm: 1,
    lastLogIndex: 0,
    lastLogTerm: 0,
  },
  {
    type: 'PreVoteResponse',
    from: 'b',
    to: 'a',
    term: 0,
    requestId: 1,
    proposedTerm: 1,
    granted: false,
  },
  { type: 'TimeoutNow', ...REQUEST, requestId: 20 },
];
