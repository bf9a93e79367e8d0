import { describe, expect, it } from 'vitest';
import { arrivalOf } from '../../src/inspector/messages.ts';
import type { Readable } from '../../src/inspector/protocol.ts';

type Message = { readonly [field: string]: Readable };

const entry = { index: 8, term: 2 };
const request = { from: 'a', to: 'b', term: 2, number: 5 };
const reply = { from: 'b', to: 'a', term: 2, requestTerm: 2, number: 5 };
const append = { ...request, type: 'AppendEntries', prevLogIndex: 7, leaderCommit: 6 };
const appended = { ...reply, type: 'AppendEntriesResponse', prevLogIndex: 7, matchIndex: 9 };

const arrival = (message: Message) => arrivalOf({ type: 'rpc.received', message });

describe('messages as a page reads them', () => {
  const notes: readonly (readonly [string, Message, string])[] = [
    [
      'a pre-vote: for which term, and where the log ends',
      { ...request, type: 'PreVote', proposedTerm: 3, lastLogIndex: 9, lastLogTerm: 2 },
      'for term 3, log ends at 9 of term 2',
    ],
    [
      'a vote that is asked for',
      { ...request, type: 'RequestVote', lastLogIndex: 9, lastLogTerm: 2 },
      'term 2, log ends at 9 of term 2',
    ],
    ['a vote', { ...reply, type: 'RequestVoteResponse', granted: true }, 'granted'],
    [
      'a refused vote, and the term of who refuses it',
      { ...reply, type: 'RequestVoteResponse', granted: false },
      'refused, term 2',
    ],
    ['a heartbeat', { ...append, entries: [] }, 'heartbeat, commit 6'],
    ['one entry', { ...append, entries: [entry] }, 'entry 8, commit 6'],
    [
      'more entries than are told',
      { ...append, entries: { length: 40, first: [entry] } },
      'entries 8–47, commit 6',
    ],
    ['what a follower acknowledges', { ...appended, success: true }, 'match 9'],
    [
      'what a follower refuses, and what it hints at',
      { ...appended, success: false, hintIndex: 4 },
      'refused after 7, hint 4',
    ],
    [
      'the last chunk of a snapshot',
      { ...request, type: 'InstallSnapshot', offset: 512, isLast: true },
      'from byte 512, the last',
    ],
    [
      'the answer to a chunk',
      { ...reply, type: 'InstallSnapshotResponse', isDone: false, nextOffset: 512 },
      'on to byte 512',
    ],
    ['a leader that hands over', { ...request, type: 'TimeoutNow' }, 'term 2'],
  ];

  it.each(notes)('%s', (_, message, note) => {
    expect(arrival(message)?.note).toBe(note);
  });

  it('requests and replies are told apart, and refusals from both', () => {
    const seen = [
      arrival({ ...append, entries: [] }),
      arrival({ ...appended, success: true }),
      arrival({ ...appended, success: false, hintIndex: 1 }),
    ];
    expect(seen.map((each) => [each?.isReply, each?.isRefusal])).toEqual([
      [false, false],
      [true, false],
      [true, true],
    ]);
  });

  it('a reply belongs to the request it echoes, of that pair of servers and that term', () => {
    const asked = arrival({ ...append, entries: [entry] })?.exchange;
    expect(arrival({ ...appended, success: true })?.exchange).toBe(asked);
    expect(arrival({ ...appended, success: true, number: 6 })?.exchange).not.toBe(asked);
    expect(arrival({ ...appended, success: true, requestTerm: 1 })?.exchange).not.toBe(asked);
    expect(arrival({ ...appended, success: true, from: 'c' })?.exchange).not.toBe(asked);
  });

  it('what is no message is none', () => {
    expect(arrivalOf({ type: 'storage.persisted', message: append })).toBeNull();
    expect(arrivalOf({ type: 'rpc.received', message: 'AppendEntries' })).toBeNull();
    expect(arrivalOf({ type: 'rpc.received', message: { type: 'AppendEntries' } })).toBeNull();
  });
});
