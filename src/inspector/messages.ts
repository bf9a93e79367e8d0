/**
 * Messages between servers as a page draws them: read from the events of the servers that received
 * them. What comes from a socket or a file is taken as it looks, and not relied on.
 */
import { isTree } from './changes.ts';
import { eventNameFrom } from './event-names.ts';
import type { TransitionRecord } from './protocol.ts';

export interface Arrival {
  /** The message's kind, verbatim (`RequestVote`, `AppendEntriesResponse` …), or an event's name. */
  readonly kind: string;
  readonly from: string;
  readonly to: string;
  readonly isReply: boolean;
  /** A reply that says no. */
  readonly isRefusal: boolean;
  /** A request of the leader with entries: no heartbeat. */
  readonly holdsEntries: boolean;
  /** What a request and its reply have in common. */
  readonly exchange: string;
  /** The few numbers worth reading beside the arrow. */
  readonly note: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** What an event brought from another server, or null when it brought nothing. */
export function arrivalOf({ type: eventType, message }: TransitionRecord['event']): Arrival | null {
  if (eventType !== 'rpc.received' || !isTree(message)) return null;
  const { type, from, to } = message;
  if (typeof type !== 'string' || typeof from !== 'string' || typeof to !== 'string') return null;
  const isReply = type.endsWith('Response');
  const [asker, asked] = isReply ? [to, from] : [from, to];
  const kind = isReply ? type.slice(0, -'Response'.length) : type;
  return {
    kind: type,
    from,
    to,
    isReply,
    isRefusal: isReply && (message.granted === false || message.success === false),
    holdsEntries: type === 'AppendEntries' && countOf(message.entries) > 0,
    exchange: `${asker} ${asked} ${kind} ${termOf(message)} ${message.number}`,
    note: noteOf(type, message),
  };
}

/** An event between two of the user's own actors, as a message. */
export function eventArrival(event: TransitionRecord['event'], from: string, to: string): Arrival {
  const flags = { isReply: false, isRefusal: false, holdsEntries: false };
  return { kind: eventNameFrom(event, from), from, to, ...flags, exchange: '', note: '' };
}

function termOf(message: Fields): unknown {
  return message.requestTerm ?? message.proposedTerm ?? message.term;
}

function noteOf(type: string, message: Fields): string {
  switch (type) {
    case 'PreVote':
      return `for term ${message.proposedTerm}, log ends ${position(message)}`;
    case 'RequestVote':
      return `term ${message.term}, log ends ${position(message)}`;
    case 'PreVoteResponse':
    case 'RequestVoteResponse':
      return message.granted === true ? 'granted' : `refused, term ${message.term}`;
    case 'AppendEntries':
      return entriesNote(message);
    case 'AppendEntriesResponse':
      return message.success === true
        ? `match ${message.matchIndex}`
        : `refused after ${message.prevLogIndex}, hint ${message.hintIndex}`;
    case 'InstallSnapshot':
      return `from byte ${message.offset}${message.isLast === true ? ', the last' : ''}`;
    case 'InstallSnapshotResponse':
      return message.isDone === true ? 'done' : `on to byte ${message.nextOffset}`;
    default:
      return message.term === undefined ? '' : `term ${message.term}`;
  }
}

function position({ lastLogIndex, lastLogTerm }: Fields): string {
  return `at ${lastLogIndex} of term ${lastLogTerm}`;
}

function entriesNote({ entries, prevLogIndex, leaderCommit }: Fields): string {
  const count = countOf(entries);
  if (count === 0) return `heartbeat, commit ${leaderCommit}`;
  const first = Number(prevLogIndex) + 1;
  const which = count === 1 ? `entry ${first}` : `entries ${first}–${first + count - 1}`;
  return `${which}, commit ${leaderCommit}`;
}

/** A list, or what stands for one that was too long to be sent. */
function countOf(entries: unknown): number {
  if (Array.isArray(entries)) return entries.length;
  return isTree(entries) && typeof entries.length === 'number' ? entries.length : 0;
}
