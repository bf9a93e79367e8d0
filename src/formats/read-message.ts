/**
 * From fields to messages (Figure 2, Figure 13): terms, indexes and numbers are safe integers, and
 * entries are contiguous and fit the request they come in. A message that passes is well-formed,
 * which does not mean that it is true.
 */
import type {
  AppendEntries,
  AppendEntriesResponse,
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
  mapField,
  type Reader,
  recordOf,
  type Shape,
  serverIdField,
  snapshotIdField,
} from './fields.ts';

type OfType<Type extends MessageType> = Extract<Message, { type: Type }>;

/** On the wire a request's id is its `number`. */
type Fields<Type extends MessageType> = Omit<OfType<Type>, 'type' | 'requestId'> & {
  readonly number: number;
};

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

const entriesField = listOf(entryFromList);

const READERS: { readonly [Type in MessageType]: Reader<OfType<Type>> } = {
  PreVote: messageOf('PreVote', { ...envelope, proposedTerm: positive, ...lastEntry }),
  PreVoteResponse: messageOf('PreVoteResponse', {
    ...envelope,
    term: anyInteger,
    proposedTerm: positive,
    granted: booleanField,
  }),
  RequestVote: messageOf('RequestVote', {
    ...request,
    ...lastEntry,
    isLeadershipTransfer: booleanField,
  }),
  RequestVoteResponse: messageOf('RequestVoteResponse', { ...response, granted: booleanField }),
  AppendEntries: readAppendEntries,
  AppendEntriesResponse: readAppendEntriesResponse,
  InstallSnapshot: messageOf('InstallSnapshot', {
    ...request,
    snapshot: snapshotIdentity,
    offset: anyInteger,
    bytes: bytesField,
    isLast: booleanField,
  }),
  InstallSnapshotResponse: messageOf('InstallSnapshotResponse', {
    ...response,
    snapshotId: snapshotIdField,
    nextOffset: anyInteger,
    isDone: booleanField,
  }),
  TimeoutNow: messageOf('TimeoutNow', request),
};

/** @throws FormatError that names the field which is not as it must be. */
export function readMessage(type: MessageType, body: unknown): Message {
  const message: Message = READERS[type](body, 'the body of the frame');
  if (message.type === 'AppendEntries') checkEntries(message);
  if (message.type === 'InstallSnapshot') checkChunk(message);
  return message;
}

function messageOf<Type extends MessageType>(
  type: Type,
  shape: Shape<Fields<Type>>,
): Reader<OfType<Type>> {
  const read = recordOf(shape) as Reader<{ readonly number: number }>;
  return (value, name) => {
    const { number: requestId, ...fields } = read(value, name);
    return { type, requestId, ...fields } as unknown as OfType<Type>;
  };
}

/** These two are nearly all that is ever read, and are written out: a table costs three times as much. */
function readAppendEntries(value: unknown, name: string): AppendEntries {
  const fields = mapField(value, name);
  return {
    type: 'AppendEntries',
    from: serverIdField(fields.from, 'from'),
    to: serverIdField(fields.to, 'to'),
    requestId: anyInteger(fields.number, 'number'),
    term: positive(fields.term, 'term'),
    prevLogIndex: anyInteger(fields.prevLogIndex, 'prevLogIndex'),
    prevLogTerm: anyInteger(fields.prevLogTerm, 'prevLogTerm'),
    entries: entriesField(fields.entries, 'entries'),
    leaderCommit: anyInteger(fields.leaderCommit, 'leaderCommit'),
  };
}

function readAppendEntriesResponse(value: unknown, name: string): AppendEntriesResponse {
  const fields = mapField(value, name);
  return {
    type: 'AppendEntriesResponse',
    from: serverIdField(fields.from, 'from'),
    to: serverIdField(fields.to, 'to'),
    requestId: anyInteger(fields.number, 'number'),
    term: anyInteger(fields.term, 'term'),
    requestTerm: positive(fields.requestTerm, 'requestTerm'),
    success: booleanField(fields.success, 'success'),
    matchIndex: anyInteger(fields.matchIndex, 'matchIndex'),
    prevLogIndex: anyInteger(fields.prevLogIndex, 'prevLogIndex'),
    hintIndex: anyInteger(fields.hintIndex, 'hintIndex'),
    hintTerm: anyInteger(fields.hintTerm, 'hintTerm'),
  };
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
