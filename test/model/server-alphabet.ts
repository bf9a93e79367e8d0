/**
 * What may happen to a server: a small alphabet of messages and of its host's words, each as it
 * would be said to a server in just this state. Terms, positions and numbers are its own, one less
 * or one more, so that the alphabet never runs out.
 */

import type { Message } from '../../machines/rules/messages.ts';
import type { ReplicationRequest } from '../../machines/rules/replication-events.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import type { ServerSnapshot } from '../../machines/server.ts';
import type { HostEvent, ServerEvent } from '../../machines/vocabulary.ts';
import * as messages from '../rules/messages.ts';
import { entry, pointerOf } from '../rules/states.ts';

/** Everything that may come in: messages through the gate, the host's words, its actors' wishes. */
export function alphabet({ context }: ServerSnapshot): readonly ServerEvent[] {
  const received = messagesTo(context).map(
    (message): HostEvent => ({ type: 'rpc.received', message }),
  );
  return [...received, ...wordsTo(context), ...wishesOf(context)];
}

export function messagesTo(state: ServerState): readonly Message[] {
  return [...aboutVotes(state), ...aboutEntries(state), ...aboutSnapshots(state)];
}

function aboutVotes({ currentTerm: term, log, campaign, requestId: last }: ServerState): Message[] {
  const upToDate = { lastLogIndex: log.lastIndex, lastLogTerm: log.lastTerm };
  const number = campaign?.requestId ?? last;
  return [
    messages.requestVote({ term: term - 1 }),
    messages.requestVote({ term, ...upToDate, from: 'c' }),
    messages.requestVote({ term: term + 1, ...upToDate }),
    messages.requestVote({ term: term + 1, lastLogIndex: 0, lastLogTerm: 0 }),
    messages.requestVote({ term: term + 1, ...upToDate, from: 'c', isLeadershipTransfer: true }),
    messages.requestVoteResponse({ term, requestId: number }),
    messages.requestVoteResponse({ term, requestId: number, granted: false }),
    messages.requestVoteResponse({ term, requestId: number - 1, from: 'c' }),
    messages.requestVoteResponse({
      term: term + 1,
      requestTerm: term,
      requestId: number,
      granted: false,
    }),
    messages.requestVoteResponse({ term, requestTerm: term - 1, requestId: number }),
    messages.preVote({ proposedTerm: term + 1, ...upToDate, from: 'c' }),
    messages.preVote({ proposedTerm: term + 1, lastLogIndex: 0, lastLogTerm: 0 }),
    messages.preVoteResponse({ term, requestId: number, proposedTerm: term + 1 }),
    messages.preVoteResponse({ term, requestId: number, proposedTerm: term + 1, granted: false }),
    messages.preVoteResponse({
      term: term + 1,
      requestId: number,
      proposedTerm: term + 1,
      granted: false,
    }),
    messages.timeoutNow({ term: term - 1 }),
    messages.timeoutNow({ term }),
    messages.timeoutNow({ term, from: 'c' }),
  ];
}

function aboutEntries({
  currentTerm: term,
  log,
  commitIndex,
  requestId: number,
}: ServerState): Message[] {
  const { index: prevLogIndex, term: prevLogTerm } = log.last;
  const atEnd = { prevLogIndex, prevLogTerm };
  const next = [entry(prevLogIndex + 1, term)];
  const committed = { prevLogIndex: commitIndex, prevLogTerm: log.termAt(commitIndex) ?? 0 };
  return [
    messages.appendEntries({ term: term - 1 }),
    messages.appendEntries({ term, ...atEnd }),
    messages.appendEntries({ term, ...atEnd, entries: next, leaderCommit: prevLogIndex }),
    messages.appendEntries({ term, ...atEnd, leaderCommit: prevLogIndex }),
    messages.appendEntries({ term, ...committed, entries: [entry(commitIndex + 1, term)] }),
    messages.appendEntries({ term, prevLogIndex: prevLogIndex + 1, prevLogTerm: term }),
    messages.appendEntries({ term, ...atEnd, from: 'c' }),
    messages.appendEntries({ term: term + 1, ...atEnd }),
    messages.appendEntries({ term: term + 1, ...atEnd, to: 'c' }),
    messages.appendEntries({ term: term + 1, ...atEnd, from: 'a' }),
    messages.appendEntriesResponse({ term, requestId: number, ...atEnd, matchIndex: prevLogIndex }),
    messages.appendEntriesResponse({ term, requestId: number, ...atEnd, success: false }),
    messages.appendEntriesResponse({ term, requestTerm: term - 1, requestId: number }),
    messages.appendEntriesResponse({
      term: term + 1,
      requestTerm: term,
      requestId: number,
      success: false,
    }),
  ];
}

const HALF = 500;

function aboutSnapshots(state: ServerState): Message[] {
  const { currentTerm: term, log, commitIndex, requestId: number, incoming, leadership } = state;
  const snapshot = { id: 'theirs', index: log.lastIndex + 1, term, sizeBytes: 2 * HALF };
  const known = { ...snapshot, id: 'known', index: commitIndex };
  const wanted = incoming?.nextOffset ?? 0;
  const coming = incoming?.snapshot ?? snapshot;
  const chunk = { offset: wanted, isLast: wanted > 0, bytes: new Uint8Array(HALF) };
  const sent = leadership?.followers.find(({ id }) => id === 'b')?.transfer;
  const snapshotId = sent?.id ?? 'none';
  return [
    messages.installSnapshot({ term: term - 1 }),
    messages.installSnapshot({ term, snapshot: coming, ...chunk }),
    messages.installSnapshot({ term, snapshot: coming, offset: HALF + wanted }),
    messages.installSnapshot({ term, snapshot: known }),
    messages.installSnapshotResponse({ term, requestId: number, snapshotId, nextOffset: HALF }),
    messages.installSnapshotResponse({ term, requestId: number, snapshotId, isDone: true }),
    messages.installSnapshotResponse({ term, requestTerm: term - 1, requestId: number }),
  ];
}

/** What its host says, all of it true of the state it is in. */
export function wordsTo(state: ServerState): readonly HostEvent[] {
  const { log, commitIndex, lastApplied, writes, requestId: number, currentTerm, snapshot } = state;
  const pending = state.leadership?.reads.length ?? 0;
  const proposals = [{ type: 'command', bytes: new Uint8Array(2) }] as const;
  const taken = state.isTakingSnapshot ? lastApplied : (snapshot?.index ?? 0);
  return [
    { type: 'connection.lost', peer: 'b' },
    { type: 'connection.lost', peer: 'c' },
    { type: 'client.proposed', batch: log.lastIndex + 1, now: 0, proposals },
    { type: 'client.queried', reads: [10_000 * currentTerm + 10 * number + pending] },
    { type: 'leadershipTransfer.requested' },
    { type: 'storage.persisted', writeId: writes.decided, now: 0 },
    { type: 'storage.persisted', writeId: writes.durable, now: 0 },
    ...chunksFor(state),
    { type: 'snapshot.wanted' },
    { type: 'explanation.wanted', isWanted: !state.isExplained },
    { type: 'snapshot.taken', snapshot: pointerOf(taken, log.termAt(taken) ?? 0, 'own') },
    { type: 'entries.applied', index: commitIndex },
    { type: 'entries.applied', index: lastApplied },
  ];
}

function chunksFor({ incoming, leadership }: ServerState): readonly HostEvent[] {
  const { snapshot, nextOffset = 0, storing = null } = incoming ?? {};
  const snapshotId = snapshot?.id ?? 'none';
  const number = storing ?? 0;
  // Nobody would elect a server that lacks what a snapshot holds (§5.4.1): no leader completes one.
  const whole =
    snapshot !== undefined && nextOffset > 0 && leadership === null
      ? { ...pointerOf(snapshot.index, snapshot.term, snapshotId), sizeBytes: snapshot.sizeBytes }
      : null;
  return [
    {
      type: 'chunk.stored',
      snapshotId,
      requestId: number,
      nextOffset: nextOffset + HALF,
      snapshot: whole,
    },
    { type: 'chunk.stored', snapshotId, requestId: number + 1, nextOffset: HALF, snapshot: null },
    { type: 'chunk.rejected', snapshotId, requestId: number },
  ];
}

/** What the replication actor of b may ask for, whether its server leads or not. */
export function wishesOf({ log, leadership }: ServerState): readonly ReplicationRequest[] {
  const known = leadership?.followers.find(({ id }) => id === 'b');
  const from = (known?.matchIndex ?? 0) + 1;
  const bounds = { messagesMax: 2, bytesMax: 1_000 };
  return [
    { type: 'append.wanted', follower: 'b', from, ...bounds },
    { type: 'heartbeat.wanted', follower: 'b', previous: log.lastIndex },
    { type: 'chunk.wanted', follower: 'b', snapshotId: known?.transfer?.id ?? 'none', offset: 0 },
  ];
}
