/** What is true of every message and every write of a server: what waits for what (§5.1). */

import { isDeepStrictEqual } from 'node:util';
import type { Send } from '../../machines/rules/effects.ts';
import { sharedThrough } from './paper-disk.ts';
import type { Moment } from './server-rules.ts';

export const PROMISE_RULES: Readonly<Record<string, (moment: Moment) => boolean>> = {
  'term, vote and log are what the disk was asked to keep (§5.1)': ({ is, account }) => {
    const { term, votedFor, base, terms } = account.decided;
    const kept = { term, votedFor, base, terms };
    const { currentTerm, log } = is;
    return isDeepStrictEqual(kept, {
      term: currentTerm,
      votedFor: is.votedFor,
      base: log.base.index,
      terms: log.slice(log.firstIndex).map((entry) => entry.term),
    });
  },
  'writes are numbered one by one': ({ was, effects }) =>
    effects
      .filter((effect) => effect.type === 'persist')
      .every(({ writeId }, at) => writeId === was.writes.decided + 1 + at),
  'a promise waits for every write decided before it (§5.1)': ({ sends, message, account }) =>
    sends
      .filter((send) => isPromise(send, message?.type === 'AppendEntries' ? message.entries : []))
      .every(({ afterWrite }) => afterWrite === account.decided.number),
  'what answers a heartbeat waits for the term, and acknowledges what is on the disk': (moment) => {
    const { sends, message, account, is } = moment;
    if (message?.type !== 'AppendEntries' || message.entries.length > 0) return true;
    return sends.every((send) => {
      if (send.message.type !== 'AppendEntriesResponse') return true;
      const { success, matchIndex } = send.message;
      const isStored = !success || matchIndex <= sharedThrough(account.durable, is.log);
      return send.afterWrite >= account.ofTerm && isStored;
    });
  },
  'what promises nothing waits for nothing (thesis §10.2.1)': ({ sends }) =>
    sends.filter(isFree).every(({ afterWrite }) => afterWrite === 0),
  'an answer echoes its request, and bears its server’s own term': ({ sends, message, is }) =>
    sends.every(({ message: answer }) => {
      if (!answer.type.endsWith('Response')) return true;
      if (answer.type === 'InstallSnapshotResponse' && message?.type !== 'InstallSnapshot') {
        return answer.requestTerm === is.currentTerm;
      }
      const { to, requestId, term } = answer as { to: string; requestId: number; term: number };
      return (
        `${message?.type}Response` === answer.type &&
        to === message?.from &&
        requestId === message.requestId &&
        term === is.currentTerm
      );
    }),
  'whoever asks is answered': ({ sends, message }) => {
    const asks = ['RequestVote', 'AppendEntries', 'PreVote'];
    const answers = sends.filter((send) => send.message.type.endsWith('Response')).length;
    if (message === null) return true;
    if (asks.includes(message.type)) return answers === 1;
    return message.type === 'InstallSnapshot' || answers === 0;
  },
};

/** Votes, what acknowledges entries, and that a snapshot is installed. */
function isPromise({ message }: Send, entries: readonly unknown[]): boolean {
  switch (message.type) {
    case 'RequestVote':
    case 'RequestVoteResponse':
      return true;
    case 'AppendEntriesResponse':
      return entries.length > 0;
    case 'InstallSnapshotResponse':
      return message.isDone;
    default:
      return false;
  }
}

function isFree({ message }: Send): boolean {
  if (message.type === 'InstallSnapshotResponse') return !message.isDone && message.nextOffset > 0;
  return ['AppendEntries', 'PreVote', 'PreVoteResponse', 'TimeoutNow'].includes(message.type);
}
