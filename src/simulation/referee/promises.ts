/**
 * What a message promises is on the disk before it leaves (§5.1; design: durability): invariant 17,
 * and one vote per term as others are told of it (12).
 */
import type { Message } from '../../../machines/rules/messages.ts';
import type { ServerView } from './server-view.ts';
import type { World } from './world.ts';

/** Notes what the message tells, and checks what it promises. */
export function checkPromises(message: Message, view: ServerView, world: World): void {
  if (view.hasFailed) {
    world.violate(
      'Persist Before Send',
      `server ${view.id} sends ${message.type} although its storage has failed`,
    );
  }
  switch (message.type) {
    case 'RequestVote':
      checkCampaign(message, view, world);
      break;
    case 'RequestVoteResponse':
      requireTerm(message, view, world);
      if (message.granted) noteVote(view, message.requestTerm, message.to, world);
      break;
    case 'AppendEntriesResponse':
      requireTerm(message, view, world);
      if (message.success) requireEntries(message, view, world);
      break;
    case 'AppendEntries':
      requireLeadership(message, view, world);
      break;
    case 'InstallSnapshot':
      world.history.snapshotIndexes.set(message.snapshot.id, message.snapshot.index);
      requireLeadership(message, view, world);
      break;
    case 'InstallSnapshotResponse':
      if (message.isDone) requireSnapshot(message, view, world);
      break;
  }
}

type OfType<Type extends Message['type']> = Extract<Message, { type: Type }>;

function requireTerm(
  message: Extract<Message, { term: number }>,
  view: ServerView,
  { violate }: World,
): void {
  if (message.term <= view.durable.term) return;
  violate(
    'Persist Before Send',
    `server ${view.id} sends ${message.type} of term ${message.term} to ${message.to}, ` +
      `but its disk holds term ${view.durable.term}`,
  );
}

function checkCampaign(message: OfType<'RequestVote'>, view: ServerView, world: World): void {
  const { term, lastLogIndex: index, lastLogTerm } = message;
  world.history.campaigns.set(`${view.id}/${term}`, { index, term: lastLogTerm });
  requireTerm(message, view, world);
  requireVote(view, term, view.id, world);
}

function noteVote(view: ServerView, term: number, candidate: string, world: World): void {
  const key = `${view.id}/${term}`;
  const known = world.history.votes.get(key);
  world.history.votes.set(key, candidate);
  if (known !== undefined && known !== candidate) {
    world.violate(
      'One Vote Per Term',
      `server ${view.id} grants its vote of term ${term} to ${candidate}, after it granted it to ${known}`,
    );
  }
  requireVote(view, term, candidate, world);
}

/** The vote is on the disk, or was, and a newer term is there since. */
function requireVote(view: ServerView, term: number, candidate: string, { violate }: World): void {
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
  { violate }: World,
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

/** Whoever speaks as a leader is the one leader of that term, and its term is on its disk. */
function requireLeadership(
  message: OfType<'AppendEntries' | 'InstallSnapshot'>,
  view: ServerView,
  world: World,
): void {
  requireTerm(message, view, world);
  const known = world.history.leaders.get(message.term);
  if (known === undefined) world.history.leaders.set(message.term, view.life);
  else if (known !== view.life) {
    world.violate(
      'Election Safety',
      `${view.life} speaks as leader of term ${message.term}, whose leader is ${known}`,
    );
  }
}

function requireSnapshot(
  message: OfType<'InstallSnapshotResponse'>,
  view: ServerView,
  { history, violate }: World,
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
