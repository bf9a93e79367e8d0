/**
 * What a message promises is on the disk before it leaves (§5.1; design: durability): invariant 17,
 * and one vote per term as others are told of it (12).
 */
import type { Message } from '../../../machines/rules/messages.ts';
import type { RefereeContext } from './context.ts';
import type { ServerView } from './server-view.ts';

/** Whoever sends a message, and what that is checked against. */
interface Sender extends RefereeContext {
  readonly view: ServerView;
}

/** Notes what the message tells, and checks what it promises. */
export function checkDurableBeforeSend(message: Message, sender: Sender): void {
  const { view, history, violate } = sender;
  if (view.hasFailed) {
    violate(
      'Persist Before Send',
      `server ${view.id} sends ${message.type} although its storage has failed`,
    );
  }
  switch (message.type) {
    case 'RequestVote':
      checkCampaign(message, sender);
      break;
    case 'RequestVoteResponse':
      requireTerm(message, sender);
      if (message.granted) noteVote(message.requestTerm, message.to, sender);
      break;
    case 'AppendEntriesResponse':
      requireTerm(message, sender);
      if (message.success) requireEntries(message, sender);
      break;
    case 'AppendEntries':
      requireLeadership(message, sender);
      break;
    case 'InstallSnapshot':
      history.snapshotIndexes.set(message.snapshot.id, message.snapshot.index);
      requireLeadership(message, sender);
      break;
    case 'InstallSnapshotResponse':
      if (message.isDone) requireSnapshot(message, sender);
      break;
  }
}

type OfType<Type extends Message['type']> = Extract<Message, { type: Type }>;

function requireTerm(message: Extract<Message, { term: number }>, { view, violate }: Sender): void {
  if (message.term <= view.durable.term) return;
  violate(
    'Persist Before Send',
    `server ${view.id} sends ${message.type} of term ${message.term} to ${message.to}, ` +
      `but its disk holds term ${view.durable.term}`,
  );
}

function checkCampaign(message: OfType<'RequestVote'>, sender: Sender): void {
  const { term, lastLogIndex: index, lastLogTerm } = message;
  const { view, history } = sender;
  history.campaigns.set(`${view.id}/${term}`, { index, term: lastLogTerm });
  requireTerm(message, sender);
  requireVote(term, view.id, sender);
}

function noteVote(term: number, candidate: string, sender: Sender): void {
  const { view, history, violate } = sender;
  const key = `${view.id}/${term}`;
  const known = history.votes.get(key);
  history.votes.set(key, candidate);
  if (known !== undefined && known !== candidate) {
    violate(
      'One Vote Per Term',
      `server ${view.id} grants its vote of term ${term} to ${candidate}, after it granted it to ${known}`,
    );
  }
  requireVote(term, candidate, sender);
}

/** The vote is on the disk, or was, and a newer term is there since. */
function requireVote(term: number, candidate: string, { view, violate }: Sender): void {
  const { durable } = view;
  if (durable.term > term || (durable.term === term && durable.votedFor === candidate)) return;
  violate(
    'Persist Before Send',
    `server ${view.id} tells of its vote for ${candidate} in term ${term}, but its disk holds ` +
      `term ${durable.term} with a vote for ${durable.votedFor ?? 'nobody'}`,
  );
}

/** What it acknowledges is on its disk, as it stands in its log. */
function requireEntries(message: OfType<'AppendEntriesResponse'>, { view, violate }: Sender): void {
  const { matchIndex } = message;
  const prefix = view.log.prefixAt(matchIndex);
  const { durableLog } = view;
  const isHeld = prefix === null || durableLog.holds(matchIndex, prefix);
  if (matchIndex <= durableLog.lastIndex && isHeld) return;
  violate(
    'Persist Before Send',
    `server ${view.id} acknowledges entries through ${matchIndex} to ${message.to}, but its disk ` +
      `ends at ${durableLog.lastIndex}${isHeld ? '' : ', with others'}`,
  );
}

/** A server that sends as leader is the only leader of that term, and its term is on its disk. */
function requireLeadership(
  message: OfType<'AppendEntries' | 'InstallSnapshot'>,
  sender: Sender,
): void {
  const { view, history, violate } = sender;
  requireTerm(message, sender);
  const known = history.noteLeader(message.term, view.runName);
  if (known !== view.runName) {
    violate(
      'Election Safety',
      `${view.runName} speaks as leader of term ${message.term}, whose leader is ${known}`,
    );
  }
}

function requireSnapshot(
  message: OfType<'InstallSnapshotResponse'>,
  { view, history, violate }: Sender,
): void {
  const index = history.snapshotIndexes.get(message.snapshotId) ?? 0;
  const { snapshotIndex } = view.durable;
  const reached = Math.max(snapshotIndex, view.durableLog.lastIndex);
  if (index <= reached) return;
  violate(
    'Persist Before Send',
    `server ${view.id} says that it has snapshot ${message.snapshotId} through ${index}, but its ` +
      `disk ends at ${reached}`,
  );
}
