/**
 * Messages as frames. A kind's number is given once and never again to another; a kind we do not
 * know comes from a newer server, and is dropped rather than being an error.
 */
import { MESSAGE_TYPES, type Message, type MessageType } from '../../machines/rules/messages.ts';
import { entryToList } from './entry-format.ts';
import { decodeBody, encodeBody, FRAME_BYTES_MAX, type RawFrame, readFrame } from './frame.ts';
import { readMessage } from './read-message.ts';

/** Of entries, each counted by `entryBytes`, or of a snapshot; the rest of a frame is for the fields. */
export const PAYLOAD_BYTES_MAX = FRAME_BYTES_MAX - 1024 * 1024;

const KIND: Readonly<Record<MessageType, number>> = {
  RequestVote: 1,
  RequestVoteResponse: 2,
  AppendEntries: 3,
  AppendEntriesResponse: 4,
  InstallSnapshot: 5,
  InstallSnapshotResponse: 6,
  PreVote: 7,
  PreVoteResponse: 8,
  TimeoutNow: 9,
};

const TYPE_OF_KIND: ReadonlyMap<number, MessageType> = new Map(
  MESSAGE_TYPES.map((type) => [KIND[type], type]),
);

/** @throws RangeError when the message is longer than a frame may be. */
export function encodeFrame(message: Message): Uint8Array {
  return encodeBody(KIND[message.type], fieldsOf(message));
}

/**
 * The body of its frame. The two that are nearly all that is ever sent are written out: to copy an
 * object costs many times as much as to write one.
 */
function fieldsOf(message: Message): Readonly<Record<string, unknown>> {
  switch (message.type) {
    case 'AppendEntries': {
      const { from, to, term, requestId, prevLogIndex, prevLogTerm, leaderCommit } = message;
      const entries = message.entries.map(entryToList);
      const number = requestId;
      return { number, from, to, term, prevLogIndex, prevLogTerm, entries, leaderCommit };
    }
    case 'AppendEntriesResponse': {
      const { requestId: number, from, to, term, requestTerm, success, matchIndex } = message;
      const { prevLogIndex, hintIndex, hintTerm } = message;
      return {
        number,
        from,
        to,
        term,
        requestTerm,
        success,
        matchIndex,
        prevLogIndex,
        hintIndex,
        hintTerm,
      };
    }
    default: {
      const { type: _, requestId: number, ...fields } = message;
      return { number, ...fields };
    }
  }
}

/** Null when the message is longer than a frame may be. */
export function encodeFrameIfShort(message: Message): Uint8Array | null {
  try {
    return encodeFrame(message);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** @throws FrameError when the bytes are not a well-formed frame of this protocol. */
export function decodeFrame(bytes: Uint8Array): Message | 'unknown-kind' {
  return decodeMessage(readFrame(bytes));
}

/** @throws FrameError when the body is not what its kind demands. */
export function decodeMessage({ kind, body }: RawFrame): Message | 'unknown-kind' {
  const type = TYPE_OF_KIND.get(kind);
  if (type === undefined) return 'unknown-kind';
  return decodeBody(body, (fields) => readMessage(type, fields));
}
