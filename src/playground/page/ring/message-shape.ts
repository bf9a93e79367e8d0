/**
 * How a message looks: a shape for its kind, filled for a request; hollow, with a plus or a minus,
 * for an answer. Drawn around the origin.
 */
import type { Message, MessageType } from '../../../../machines/rules/messages.ts';

const CIRCLE = 'M-6.5 0a6.5 6.5 0 1 0 13 0a6.5 6.5 0 1 0-13 0Z';
const DIAMOND = 'M0-8L8 0L0 8L-8 0Z';
const SQUARE = 'M-6-6H6V6H-6Z';
const SMALL_SQUARE = 'M-4.5-4.5H4.5V4.5H-4.5Z';
const HEXAGON = 'M-8 0L-4-7H4L8 0L4 7H-4Z';
const TRIANGLE = 'M-6.5-7L7.5 0L-6.5 7Z';

const PATHS: Readonly<Record<MessageType, string>> = {
  PreVote: DIAMOND,
  PreVoteResponse: DIAMOND,
  RequestVote: CIRCLE,
  RequestVoteResponse: CIRCLE,
  AppendEntries: SQUARE,
  AppendEntriesResponse: SQUARE,
  InstallSnapshot: HEXAGON,
  InstallSnapshotResponse: HEXAGON,
  TimeoutNow: TRIANGLE,
};

/** What a legend says of each. */
export const KINDS: readonly { readonly path: string; readonly name: string }[] = [
  { path: DIAMOND, name: 'pre-vote' },
  { path: CIRCLE, name: 'vote' },
  { path: SMALL_SQUARE, name: 'heartbeat' },
  { path: SQUARE, name: 'entries' },
  { path: HEXAGON, name: 'snapshot' },
  { path: TRIANGLE, name: 'time out now' },
];

/** `sign`: what stands inside an answer. */
export function shapeOf(message: Message) {
  const isHeartbeat = message.type === 'AppendEntries' && message.entries.length === 0;
  const path = isHeartbeat ? SMALL_SQUARE : PATHS[message.type];
  return { path, isReply: message.type.endsWith('Response'), sign: signOf(message) };
}

function signOf(message: Message): '' | '+' | '−' {
  switch (message.type) {
    case 'PreVoteResponse':
    case 'RequestVoteResponse':
      return message.granted ? '+' : '−';
    case 'AppendEntriesResponse':
      return message.success ? '+' : '−';
    case 'InstallSnapshotResponse':
      return '+';
    default:
      return '';
  }
}

/** The term it is coloured by: the one it speaks of. */
export function termOf(message: Message): number {
  return message.type === 'PreVote' ? message.proposedTerm : message.term;
}
