/**
 * What a message promises is on the disk before it leaves (§5.1; design: durability): invariant 17,
 * and one vote per term as others are told of it (12).
 */
import type { Message } from '../../../machines/rules/messages.ts';
import type { RefereeContext } from './context.ts';
import type { ServerView } from './server-view.ts';

/** Notes what the message tells, and checks what it promises. */
export function checkDurableBeforeSend(
  message: Message,
  view: ServerView,
  context: RefereeContext,
): void {
  if (view.hasFailed) {
    context.violate(
      'Persist Before Send',
      `server ${view.id} sends ${message.type} although its storage has failed`,
    );
  }
  switch (message.type) {
    case 'RequestVote':
      checkCampaign(message, view, context);
      break;
    case 'RequestVoteResponse':
      requireTerm(message, view, context);
      if (message.granted) noteVote(view, message.requestTerm, message.to, context);
      break;
    case 'AppendEntriesResponse':
      requireTerm(message, view, context);
      if (message.success) requireEntries(message, view, context);
      break;
    case 'AppendEntries':
      requireLeadership(message, view, context);
      break;
    case 'InstallSnapshot':
      context.history.snapshotIndexes.set(message.snapshot.id, message.snapshot.index);
      requireLeadership(message, view, context);
      break;
    case 'InstallSnapshotResponse':
      if (message.isDone) requireSnapshot(message, view, context);
      break;
  }
}

type OfType<Type extends Message['type']> = Extract<Message, { type: Type }>;

function requireTerm(
  message: Extract<Message, { term: number }>,
  view: ServerView,
  { violate }: RefereeContext,
): void {
  if (message.term <= view.durable.term) return;
  violate(
    'Persist Before Send',
    `server ${view.id} sends ${message.type} of term ${message.term} to ${message.to}, ` +
      `but its disk holds term ${view.durable.term}`,
  );
}

function checkCampaign(
  message: OfType<'RequestVote'>,
  view: ServerView,
  context: RefereeContext,
): void {
  const { term, lastLogIndex: index, lastLogTerm } = message;
  context.history.campaigns.set(`${view.id}/${term}`, { index, term: lastLogTerm });
  requireTerm(message, view, context);
  requireVote(view, term, view.id, context);
}

function noteVote(
  view: ServerView,
  term: number,
  candidate: string,
  context: RefereeContext,
): void {
  const key = `${view.id}/${term}`;
  const known = context.history.votes.get(key);
  context.history.votes.set(key, candidate);
  if (known !== undefined && known !== candidate) {
    context.violate(
      'One Vote Per Term',
      `server ${view.id} grants its vote of term ${term} to ${candidate}, after it granted it to ${known}`,
    );
  }
  requireVote(view, term, candidate, context);
}

/** The vote is on the disk, or was, and a newer term is there since. */
function requireVote(
  view: ServerView,
  term: number,
  candidate: string,
  { violate }: RefereeContext,
): void {
  const { durable } = view;
  if (durable.term > term || (durable.term === term && durable.votedFor === candidate)) return;
  violate(
    'Persist Before Send',
    `server ${view.id} tells of its vote for ${candidate} in term ${term}, but its disk holds ` +
      `term ${durable.term} with a vote for ${durable.votedFor ?? 'nobody'}`,
  );
}

/** What it acknowledges is on its disk, as it stands in its log. */
function requireEntries(
  message: OfType<'AppendEntriesResponse'>,
  view: ServerView,
  { violate }: RefereeContext,
): void {
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
  view: ServerView,
  context: RefereeContext,
): void {
  requireTerm(message, view, context);
  const known = context.history.leaders.get(message.term);
  if (known === undefined) context.history.leaders.set(message.term, view.runName);
  else if (known !== view.runName) {
    context.violate(
      'Election Safety',
      `${view.runName} speaks as leader of term ${message.term}, whose leader is ${known}`,
    );
  }
}

function requireSnapshot(
  message: OfType<'InstallSnapshotResponse'>,
  view: ServerView,
  { history, violate }: RefereeContext,
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
