/**
 * What each role makes of each message, of each word of its host and of each wish of a replication
 * actor, written by hand. XState ignores an event that nobody handles without a word: so each cell
 * says what is done about it, and why where it is nothing.
 */

import type { Message, MessageType } from '../../machines/rules/messages.ts';
import type { ReplicationRequest } from '../../machines/rules/replication-events.ts';
import type { HostEvent, ServerEvent } from '../../machines/vocabulary.ts';
import * as messages from '../rules/messages.ts';
import { pointerOf } from '../rules/states.ts';

export const ROLES = ['follower', 'preVote', 'vote', 'leader'] as const;
export type RoleColumn = (typeof ROLES)[number];
export type Cell = 'acts' | 'refuses' | `ignores because ${string}`;
/** In the order of `ROLES`. */
export type Row = readonly [follower: Cell, preVote: Cell, vote: Cell, leader: Cell];
export type Table = Readonly<Record<string, readonly [Message | ServerEvent, Row]>>;

const NOT_ITS_ELECTION = 'ignores because its election is over, or was never held';
const NOT_ASKED = 'ignores because only a leader of this term has asked';
const NOT_HEARD = 'ignores because only a follower that hears from the sender takes over';
const NO_LEADER = 'ignores because nothing is heard from that server';
const NOT_STORING = 'ignores because it stores no chunk';
const NOTHING_NEW = 'ignores because it has applied nothing that a snapshot would hold';
const LEADS_NOTHING = 'ignores because it leads nothing';
const LEADERSHIP_OVER = 'ignores because the leadership that this actor served is over';

/** As its sender would mean it, in the server's own term 2, with the log '1 1'. */
const byMessage: Record<MessageType, readonly [Message, Row]> = {
  RequestVote: [
    messages.requestVote({ term: 2, from: 'c', lastLogIndex: 2, lastLogTerm: 1 }),
    ['refuses', 'acts', 'refuses', 'refuses'],
  ],
  RequestVoteResponse: [
    messages.requestVoteResponse({ term: 2, requestId: 2 }),
    [NOT_ITS_ELECTION, NOT_ITS_ELECTION, 'acts', NOT_ITS_ELECTION],
  ],
  AppendEntries: [messages.appendEntries({ term: 2 }), ['acts', 'acts', 'acts', 'refuses']],
  AppendEntriesResponse: [
    messages.appendEntriesResponse({ term: 2, matchIndex: 2 }),
    [NOT_ASKED, NOT_ASKED, NOT_ASKED, 'acts'],
  ],
  InstallSnapshot: [messages.installSnapshot({ term: 2 }), ['acts', 'acts', 'acts', 'refuses']],
  InstallSnapshotResponse: [
    messages.installSnapshotResponse({ term: 2 }),
    [NOT_ASKED, NOT_ASKED, NOT_ASKED, 'acts'],
  ],
  PreVote: [
    messages.preVote({ proposedTerm: 3, from: 'c', lastLogIndex: 2, lastLogTerm: 1 }),
    ['refuses', 'acts', 'acts', 'refuses'],
  ],
  PreVoteResponse: [
    messages.preVoteResponse({ term: 2, requestId: 1, proposedTerm: 3 }),
    [NOT_ITS_ELECTION, 'acts', NOT_ITS_ELECTION, NOT_ITS_ELECTION],
  ],
  TimeoutNow: [messages.timeoutNow({ term: 2 }), ['acts', NOT_HEARD, NOT_HEARD, 'refuses']],
};

const proposals = [{ type: 'command', bytes: new Uint8Array(1) }] as const;
const stored = { snapshotId: 's', requestId: 7, nextOffset: 10, snapshot: null };
const bounds = { from: 1, messagesMax: 1, bytesMax: 1_000 };

const byHostEvent: Record<Exclude<HostEvent['type'], 'rpc.received'>, readonly [HostEvent, Row]> = {
  'explanation.wanted': [
    { type: 'explanation.wanted', isWanted: true },
    ['acts', 'acts', 'acts', 'acts'],
  ],
  'connection.lost': [
    { type: 'connection.lost', peer: 'b' },
    ['acts', NO_LEADER, NO_LEADER, NO_LEADER],
  ],
  'client.proposed': [
    { type: 'client.proposed', batch: 1, now: 0, proposals },
    ['refuses', 'refuses', 'refuses', 'acts'],
  ],
  'client.queried': [
    { type: 'client.queried', reads: [1] },
    ['refuses', 'refuses', 'refuses', 'acts'],
  ],
  'leadershipTransfer.requested': [
    { type: 'leadershipTransfer.requested' },
    [LEADS_NOTHING, LEADS_NOTHING, LEADS_NOTHING, 'acts'],
  ],
  'storage.persisted': [
    { type: 'storage.persisted', writeId: 99, now: 0 },
    ['acts', 'acts', 'acts', 'acts'],
  ],
  'chunk.stored': [
    { type: 'chunk.stored', ...stored },
    [NOT_STORING, NOT_STORING, NOT_STORING, NOT_STORING],
  ],
  'chunk.rejected': [
    { type: 'chunk.rejected', snapshotId: 's', requestId: 7 },
    [NOT_STORING, NOT_STORING, NOT_STORING, NOT_STORING],
  ],
  'snapshot.wanted': [
    { type: 'snapshot.wanted' },
    [NOTHING_NEW, NOTHING_NEW, NOTHING_NEW, NOTHING_NEW],
  ],
  'snapshot.taken': [
    { type: 'snapshot.taken', snapshot: pointerOf(2, 1) },
    ['acts', 'acts', 'acts', 'acts'],
  ],
  'entries.applied': [{ type: 'entries.applied', index: 1 }, ['acts', 'acts', 'acts', 'acts']],
};

const byWish: Record<ReplicationRequest['type'], readonly [ReplicationRequest, Row]> = {
  'append.wanted': [
    { type: 'append.wanted', follower: 'b', ...bounds },
    [LEADERSHIP_OVER, LEADERSHIP_OVER, LEADERSHIP_OVER, 'acts'],
  ],
  'heartbeat.wanted': [
    { type: 'heartbeat.wanted', follower: 'b', previous: 0 },
    [LEADERSHIP_OVER, LEADERSHIP_OVER, LEADERSHIP_OVER, 'acts'],
  ],
  // What it is being sent is asked for, and there is nothing in transfer: a leader says nothing.
  'chunk.wanted': [
    { type: 'chunk.wanted', follower: 'b', snapshotId: 's', offset: 0 },
    [
      LEADERSHIP_OVER,
      LEADERSHIP_OVER,
      LEADERSHIP_OVER,
      'ignores because it has no snapshot to send',
    ],
  ],
};

export const ROLE_BY_MESSAGE: Table = { ...byMessage, ...byHostEvent, ...byWish };
