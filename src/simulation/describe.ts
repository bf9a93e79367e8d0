/** Messages, effects and events as short lines for people: terms as `t3`, ranges as `5..7`. */
import type { Effect } from '../../machines/rules/effects.ts';
import type { Entry, LogIndex } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';

export function describeMessage(message: Message): string {
  const { type, from, to, requestId } = message;
  return `${type} ${from}→${to} #${requestId} ${messageDetails(message)}`;
}

function messageDetails(message: Message): string {
  switch (message.type) {
    case 'PreVote':
      return `for t${message.proposedTerm} log ${message.lastLogIndex}/t${message.lastLogTerm}`;
    case 'PreVoteResponse':
      return `t${message.term} for t${message.proposedTerm} ${yesOrNo(message.granted)}`;
    case 'RequestVote':
      return `t${message.term} log ${message.lastLogIndex}/t${message.lastLogTerm}`;
    case 'RequestVoteResponse':
      return `t${message.term} ${yesOrNo(message.granted)}`;
    case 'AppendEntries': {
      const { term, prevLogIndex, prevLogTerm, entries, leaderCommit } = message;
      const carried = describeEntries(entries);
      return `t${term} prev ${prevLogIndex}/t${prevLogTerm}${carried} commit ${leaderCommit}`;
    }
    case 'AppendEntriesResponse':
      return message.success
        ? `t${message.term} match ${message.matchIndex}`
        : `t${message.term} no, hint ${message.hintIndex}/t${message.hintTerm}`;
    case 'InstallSnapshot': {
      const { term, snapshot, offset, bytes, isLast } = message;
      const last = isLast ? ' last' : '';
      return `t${term} ${snapshot.id}@${snapshot.index} ${offset}+${bytes.byteLength}${last}`;
    }
    case 'InstallSnapshotResponse':
      return `t${message.term} ${message.isDone ? 'done' : `next ${message.nextOffset}`}`;
    case 'TimeoutNow':
      return `t${message.term}`;
  }
}

function yesOrNo(granted: boolean): string {
  return granted ? 'yes' : 'no';
}

function describeEntries(entries: readonly Entry[]): string {
  const first = entries[0];
  const last = entries.at(-1);
  if (first === undefined || last === undefined) return '';
  return ` entries ${range(first.index, last.index)} of t${last.term}`;
}

function range(first: LogIndex, last: LogIndex): string {
  return first === last ? `${first}` : `${first}..${last}`;
}

export function describeEffect(effect: Effect): string {
  switch (effect.type) {
    case 'persist': {
      const { writeId, term, votedFor, truncateFrom, entries, base, snapshot } = effect;
      const truncation = truncateFrom === null ? '' : ` truncate ${truncateFrom}`;
      const cut = base === null ? '' : ` base ${base.index}`;
      const pointer = snapshot === null ? '' : ` snapshot ${snapshot.id}@${snapshot.index}`;
      const state = `t${term} vote ${votedFor ?? '–'}`;
      return `persist #${writeId} ${state}${truncation}${cut}${describeEntries(entries)}${pointer}`;
    }
    case 'apply':
      return `apply${describeEntries(effect.entries)}`;
    case 'send':
      return `send after write ${effect.afterWrite}: ${describeMessage(effect.message)}`;
    case 'sendChunk':
    case 'restore':
      return `${effect.type} ${effect.snapshot.id}@${effect.snapshot.index}`;
    case 'storeChunk':
      return `storeChunk ${effect.snapshot.id} ${effect.offset}+${effect.bytes.byteLength}`;
    default:
      return describeEvent(effect);
  }
}

/** An event as a host tells it, whatever its fields: plain, in the order in which they were written; a list by its length. */
export function describeEvent(event: { readonly type: string }): string {
  const fields = Object.entries(event).filter(([name]) => name !== 'type');
  return [event.type, ...fields.map(([name, value]) => `${name} ${plain(value)}`)].join(' ');
}

function plain(value: unknown): string {
  if (Array.isArray(value)) return `[${value.length}]`;
  if (value instanceof Uint8Array) return `[${value.byteLength} bytes]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const { id, index, term } = value as Record<string, unknown>;
  return [id, index, term].filter((each) => each !== undefined).join('/');
}
