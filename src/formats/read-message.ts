/**
 * From fields to messages (Figure 2, Figure 13), field by field: terms, indexes and numbers are
 * safe integers, entries are contiguous and fit the request they come in. What passes is
 * well-formed, which is not to say that it is true.
 */
import type { Entry, LogIndex, Term } from '../../machines/rules/entries.ts';
import type { Message, MessageType, SnapshotIdentity } from '../../machines/rules/messages.ts';
import { entryFromList } from './entry-format.ts';
import {
  booleanField,
  bytesField,
  type Fields,
  FormatError,
  fieldsOf,
  integerField,
  serverIdField,
  snapshotIdField,
  wrong,
} from './fields.ts';

type Readers = { [Type in MessageType]: (fields: Fields) => Extract<Message, { type: Type }> };

/** @throws FormatError that names the field which is not as it must be. */
export function readMessage(type: MessageType, fields: Fields): Message {
  return readers[type](fields);
}

const readers: Readers = {
  PreVote: (fields) => ({
    type: 'PreVote',
    ...envelope(fields),
    requestId: integerField(fields, 'number'),
    proposedTerm: integerField(fields, 'proposedTerm', 1),
    lastLogIndex: integerField(fields, 'lastLogIndex'),
    lastLogTerm: integerField(fields, 'lastLogTerm'),
  }),
  PreVoteResponse: (fields) => ({
    type: 'PreVoteResponse',
    ...envelope(fields),
    term: integerField(fields, 'term'),
    requestId: integerField(fields, 'number'),
    proposedTerm: integerField(fields, 'proposedTerm', 1),
    granted: booleanField(fields, 'granted'),
  }),
  RequestVote: (fields) => ({
    type: 'RequestVote',
    ...request(fields),
    lastLogIndex: integerField(fields, 'lastLogIndex'),
    lastLogTerm: integerField(fields, 'lastLogTerm'),
    isLeadershipTransfer: booleanField(fields, 'isLeadershipTransfer'),
  }),
  RequestVoteResponse: (fields) => ({
    type: 'RequestVoteResponse',
    ...response(fields),
    granted: booleanField(fields, 'granted'),
  }),
  AppendEntries: (fields) => {
    const { from, to, term, requestId } = request(fields);
    const prevLogIndex = integerField(fields, 'prevLogIndex');
    const prevLogTerm = integerField(fields, 'prevLogTerm');
    if (prevLogTerm > term || (prevLogIndex === 0 && prevLogTerm !== 0)) {
      throw new FormatError(
        `prevLogTerm ${prevLogTerm} fits neither term ${term} nor prevLogIndex ${prevLogIndex}`,
      );
    }
    const leaderCommit = integerField(fields, 'leaderCommit');
    const entries = entriesField(fields, { index: prevLogIndex, term: prevLogTerm }, term);
    const type = 'AppendEntries';
    return { type, from, to, term, requestId, prevLogIndex, prevLogTerm, entries, leaderCommit };
  },
  AppendEntriesResponse: (fields) => ({
    type: 'AppendEntriesResponse',
    ...response(fields),
    success: booleanField(fields, 'success'),
    matchIndex: integerField(fields, 'matchIndex'),
    prevLogIndex: integerField(fields, 'prevLogIndex'),
    hintIndex: integerField(fields, 'hintIndex'),
    hintTerm: integerField(fields, 'hintTerm'),
  }),
  InstallSnapshot: (fields) => {
    const snapshot = snapshotField(fields);
    const offset = integerField(fields, 'offset');
    const bytes = bytesField(fields, 'bytes');
    const isLast = booleanField(fields, 'isLast');
    const end = offset + bytes.byteLength;
    if (end > snapshot.sizeBytes || isLast !== (end === snapshot.sizeBytes)) {
      throw new FormatError(
        `bytes ${offset} to ${end}, ${isLast ? '' : 'not '}the last, do not fit ` +
          `a snapshot of ${snapshot.sizeBytes} bytes`,
      );
    }
    return { type: 'InstallSnapshot', ...request(fields), snapshot, offset, bytes, isLast };
  },
  InstallSnapshotResponse: (fields) => ({
    type: 'InstallSnapshotResponse',
    ...response(fields),
    snapshotId: snapshotIdField(fields, 'snapshotId'),
    nextOffset: integerField(fields, 'nextOffset'),
    isDone: booleanField(fields, 'isDone'),
  }),
  TimeoutNow: (fields) => ({ type: 'TimeoutNow', ...request(fields) }),
};

function envelope(fields: Fields) {
  return { from: serverIdField(fields, 'from'), to: serverIdField(fields, 'to') };
}

/** Whoever asks for something has campaigned, so its term is at least 1. */
function request(fields: Fields) {
  const term = integerField(fields, 'term', 1);
  return { ...envelope(fields), term, requestId: integerField(fields, 'number') };
}

function response(fields: Fields) {
  return {
    ...envelope(fields),
    term: integerField(fields, 'term'),
    requestTerm: integerField(fields, 'requestTerm', 1),
    requestId: integerField(fields, 'number'),
  };
}

/** Contiguous after `previous`, in terms that never fall and never exceed the sender's (§5.3). */
function entriesField(
  fields: Fields,
  previous: { readonly index: LogIndex; readonly term: Term },
  term: Term,
): readonly Entry[] {
  const lists = fields.entries;
  if (!Array.isArray(lists)) return wrong('entries', 'a list', lists);
  const entries: Entry[] = [];
  let { index: lastIndex, term: lastTerm } = previous;
  for (const list of lists) {
    const entry = entryFromList(list);
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
    entries.push(entry);
  }
  return entries;
}

function snapshotField(fields: Fields): SnapshotIdentity {
  const snapshot = fieldsOf(fields.snapshot, 'snapshot');
  return {
    id: snapshotIdField(snapshot, 'id'),
    index: integerField(snapshot, 'index', 1),
    term: integerField(snapshot, 'term', 1),
    sizeBytes: integerField(snapshot, 'sizeBytes', 1),
  };
}
