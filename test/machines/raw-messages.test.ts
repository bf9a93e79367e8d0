/** Messages that come by another way than the gate (Figure 2, All Servers; §5.1). */
import { describe, expect, test } from 'vitest';
import { createActor, transition } from 'xstate';
import { MESSAGE_TYPES, type Message } from '../../machines/rules/messages.ts';
import { serverMachine } from '../../machines/server.ts';
import * as messages from '../rules/messages.ts';
import { candidate, elected, hears, preCandidate, type Step, start } from './steps.ts';

/** Every role in term 5, the follower once without and once with a leader it hears from (b). */
const waiting = start({ log: '5' });
const voting = candidate({ log: '4' });
const leading = elected({ log: '4' });
const roles: [string, Step][] = [
  ['a follower', waiting],
  ['a follower that hears from a leader', hears(waiting, messages.appendEntries({ term: 5 }))],
  ['a server that asks for pre-votes', preCandidate({ log: '5' })],
  ['a candidate', voting],
  ['a leader', leading],
];

/** Each as it would be obeyed, or answered, if it were admitted. */
function rawTo({ context }: Step, term: number): Message[] {
  const number = context.campaign?.requestId ?? context.requestId;
  const { lastIndex: lastLogIndex, lastTerm: lastLogTerm } = context.log;
  const response = { term, requestTerm: context.currentTerm, number };
  return [
    messages.requestVote({
      term,
      from: 'c',
      lastLogIndex,
      lastLogTerm,
      isLeadershipTransfer: true,
    }),
    messages.requestVoteResponse(response),
    messages.appendEntries({ term, terms: '1', leaderCommit: 1 }),
    messages.appendEntriesResponse({ ...response, matchIndex: lastLogIndex }),
    messages.installSnapshot({ term }),
    messages.installSnapshotResponse({ ...response, isDone: true }),
    messages.preVote({ proposedTerm: term + 1, lastLogIndex, lastLogTerm }),
    messages.preVoteResponse({ term, requestId: number, proposedTerm: term + 1 }),
    messages.timeoutNow({ term }),
  ];
}

const terms = [
  ['an older', 4],
  ['an equal', 5],
  ['a newer', 6],
] as const;
const cases = roles.flatMap(([role, server]) =>
  terms.flatMap(([which, term]) =>
    rawTo(server, term).map((message) => ({ role, server, which, message, type: message.type })),
  ),
);

test('the cases are every message, of three terms, to each role in term 5', () => {
  expect(new Set(cases.map(({ type }) => type))).toEqual(new Set(MESSAGE_TYPES));
  expect(cases).toHaveLength(MESSAGE_TYPES.length * terms.length * roles.length);
  for (const [, { context }] of roles) expect(context.currentTerm).toBe(5);
});

describe('a message that is sent as itself', () => {
  test.each(cases)('changes nothing: $type of $which term to $role', ({ server, message }) => {
    for (const machine of [serverMachine, serverMachine.provide({})]) {
      const [after, actions] = transition(machine, server.snapshot, message as never);
      expect(after).toBe(server.snapshot);
      expect(actions).toEqual([]);
    }
  });

  test('changes nothing of a running server either, which the gate would let in', () => {
    const { id, parameters, log } = waiting.context;
    const stored = { log, term: 5, votedFor: null, commitIndex: 0, snapshot: null, lastWriteId: 0 };
    const actor = createActor(serverMachine, { input: { id, parameters, stored } });
    const effects: unknown[] = [];
    actor.on('*', (effect) => effects.push(effect));
    const before = actor.start().getSnapshot();
    for (const message of rawTo(waiting, 6)) {
      // @ts-expect-error: nor does it compile.
      actor.send(message);
    }
    expect(actor.getSnapshot()).toBe(before);
    expect(effects).toEqual([]);
    actor.send({ type: 'rpc.received', message: messages.appendEntries({ term: 6 }) });
    expect(actor.getSnapshot().context.termLeader).toBe('b');
    expect(effects).not.toEqual([]);
    actor.stop();
  });
});

describe('a message that is for another server, or in this server’s own name', () => {
  const misaddressed = roles.flatMap(([role, server]) =>
    rawTo(server, 6).flatMap((message) => [
      { role, server, type: message.type, how: 'to c', message: { ...message, to: 'c' } },
      { role, server, type: message.type, how: 'from a', message: { ...message, from: 'a' } },
    ]),
  );

  test.each(misaddressed)('changes nothing: $type $how to $role', ({ server, message }) => {
    const after = hears(server, message);
    expect(after.snapshot).toBe(server.snapshot);
    expect(after).toMatchObject({ effects: [], outgoing: [], armed: [] });
  });
});
