/** Any well-formed message, for fast-check. */
import fc from 'fast-check';
import type { Message } from '../../machines/rules/messages.ts';

const natural = fc.oneof(fc.nat({ max: 300 }), fc.integer({ min: 0, max: 2 ** 50 }));
const positive = natural.map((value) => value + 1);
const id = fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/);
const bytes = fc.uint8Array({ maxLength: 300 }).map((value) => new Uint8Array(value));
const envelope = { from: id, to: id };
const request = { ...envelope, term: positive, requestId: natural };
const response = { ...envelope, term: natural, requestTerm: positive, requestId: natural };
const type = <Name extends string>(name: Name) => fc.constant(name);

const proposal = fc.record(
  {
    time: natural,
    bytes,
    type: fc.constantFrom('empty', 'command', 'configuration', 'openSession', 'settings'),
    session: positive,
    sequence: positive,
    firstUnanswered: positive,
  },
  { requiredKeys: ['time', 'bytes', 'type'] },
);

const appendEntries = fc
  .tuple(fc.record({ ...request, leaderCommit: natural }), natural, fc.array(proposal), fc.nat(9))
  .map(([fields, prevLogIndex, proposals, rise]) => ({
    type: 'AppendEntries',
    ...fields,
    term: fields.term + rise,
    prevLogIndex,
    prevLogTerm: prevLogIndex === 0 ? 0 : fields.term,
    entries: proposals.map((entry, place) => ({
      ...entry,
      index: prevLogIndex + 1 + place,
      term: fields.term + Math.min(place, rise),
    })),
  }));

const installSnapshot = fc
  .record({ fields: fc.record(request), bytes, offset: natural, behind: natural, id, at: positive })
  .map(({ fields, bytes, offset, behind, id, at }) => {
    const sizeBytes = offset + bytes.byteLength + behind || 1;
    return {
      type: 'InstallSnapshot',
      ...fields,
      snapshot: { id: `s${id}`, index: at, term: fields.term, sizeBytes },
      offset,
      bytes,
      isLast: offset + bytes.byteLength === sizeBytes,
    };
  });

export const anyMessage = fc.oneof(
  fc.record({
    type: type('PreVote'),
    ...envelope,
    requestId: natural,
    proposedTerm: positive,
    lastLogIndex: natural,
    lastLogTerm: natural,
  }),
  fc.record({
    type: type('PreVoteResponse'),
    ...envelope,
    term: natural,
    requestId: natural,
    proposedTerm: positive,
    granted: fc.boolean(),
  }),
  fc.record({
    type: type('RequestVote'),
    ...request,
    lastLogIndex: natural,
    lastLogTerm: natural,
    isLeadershipTransfer: fc.boolean(),
  }),
  fc.record({ type: type('RequestVoteResponse'), ...response, granted: fc.boolean() }),
  appendEntries,
  fc.record({
    type: type('AppendEntriesResponse'),
    ...response,
    success: fc.boolean(),
    matchIndex: natural,
    prevLogIndex: natural,
    hintIndex: natural,
    hintTerm: natural,
  }),
  installSnapshot,
  fc.record({
    type: type('InstallSnapshotResponse'),
    ...response,
    snapshotId: id.map((value) => `s${value}`),
    nextOffset: natural,
    isDone: fc.boolean(),
  }),
  fc.record({ type: type('TimeoutNow'), ...request }),
) as fc.Arbitrary<Message>;

/** A message's fields as they go into a frame: a request's id is its `number` there. */
export function wireFields({ type: _, requestId: number, ...fields }: Message) {
  return { number, ...fields };
}
