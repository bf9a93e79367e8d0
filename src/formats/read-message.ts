/**
 * From fields to messages (Figure 2, Figure 13): terms, indexes and numbers are safe integers, and
 * entries are contiguous and fit the request they come in. A message that passes is well-formed,
 * which does not mean that it is true.
 */
import type {
  AppendEntries,
  InstallSnapshot,
  Message,
  MessageType,
} from '../../machines/rules/messages.ts';
import { entryFromList } from './entry-format.ts';
import {
  booleanField,
  bytesField,
  FormatError,
  integerField,
  listOf,
  type Reader,
  recordOf,
  serverIdField,
  snapshotIdField,
} from './fields.ts';

/** On the wire a request's id is its `number`. */
type Fields<Type extends MessageType> = Omit<
  Extract<Message, { type: Type }>,
  'type' | 'requestId'
> & { readonly number: number };

const anyInteger = integerField();
const positive = integerField(1);

const envelope = { from: serverIdField, to: serverIdField, number: anyInteger };
/** Whoever asks for something has campaigned, so its term is at least 1. */
const request = { ...envelope, term: positive };
const response = { ...envelope, term: anyInteger, requestTerm: positive };
const lastEntry = { lastLogIndex: anyInteger, lastLogTerm: anyInteger };
const snapshotIdentity = recordOf({
  id: snapshotIdField,
  index: positive,
  term: positive,
  sizeBytes: positive,
});

const READERS: { readonly [Type in MessageType]: Reader<Fields<Type>> } = {
  PreVote: recordOf({ ...envelope, proposedTerm: positive, ...lastEntry }),
  PreVoteResponse: recordOf({
    ...envelope,
    term: anyInteger,
    proposedTerm: positive,
    granted: booleanField,
  }),
  RequestVote: recordOf({ ...request, ...lastEntry, isLeadershipTransfer: booleanField }),
  RequestVoteResponse: recordOf({ ...response, granted: booleanField }),
  AppendEntries: recordOf({
    ...request,
    prevLogIndex: anyInteger,
    prevLogTerm: anyInteger,
    entries: listOf(entryFromList),
    leaderCommit: anyInteger,
  }),
  AppendEntriesResponse: recordOf({
    ...response,
    success: booleanField,
    matchIndex: anyInteger,
    prevLogIndex: anyInteger,
    hintIndex: anyInteger,
    hintTerm: anyInteger,
  }),
  InstallSnapshot: recordOf({
    ...request,
    snapshot: snapshotIdentity,
    offset: anyInteger,
    bytes: bytesField,
    isLast: booleanField,
  }),
  InstallSnapshotResponse: recordOf({
    ...response,
    snapshotId: snapshotIdField,
    nextOffset: anyInteger,
    isDone: booleanField,
  }),
  TimeoutNow: recordOf(request),
};

/** @throws FormatError that names the field which is not as it must be. */
export function readMessage(type: MessageType, body: unknown): Message {
  const { number: requestId, ...fields } = READERS[type](body, 'the body of the frame');
  const message = { type, requestId, ...fields } as Message;
  if (message.type === 'AppendEntries') checkEntries(message);
  if (message.type === 'InstallSnapshot') checkChunk(message);
  return message;
}

/** Contiguous after the previous one, in terms that never fall and never exceed the sender's (§5.3). */
function checkEntries({ term, prevLogIndex, prevLogTerm, entries }: AppendEntries): void {
  if (prevLogTerm > term || (prevLogIndex === 0 && prevLogTerm !== 0)) {
    throw new FormatError(
      `prevLogTerm ${prevLogTerm} fits neither term ${term} nor prevLogIndex ${prevLogIndex}`,
    );
  }
  let lastIndex = prevLogIndex;
  let lastTerm = prevLogTerm;
  for (const entry of entries) {
    if (entry.index !== lastIndex + 1) {
      throw new FormatError(`entry ${entry.index} does not follow entry ${lastIndex}`);
    }
    if (entry.term < lastTerm || entry.term > term) {
      throw new FormatError(
        `entry ${entry.index} of term ${entry.term} follows one of term ${lastTerm} ` +
          `in a request of term ${term}`,
      );
    }
    lastIndex = entry.index;
    lastTerm = entry.term;
  }
}

function checkChunk({ snapshot, offset, bytes, isLast }: InstallSnapshot): void {
  const end = offset + bytes.byteLength;
  if (end > snapshot.sizeBytes || isLast !== (end === snapshot.sizeBytes)) {
    throw new FormatError(
      `bytes ${offset} to ${end}, ${isLast ? '' : 'not '}the last, do not fit ` +
        `a snapshot of ${snapshot.sizeBytes} bytes`,
    );
  }
}
