/** The path generator finds the ways through a real machine. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import { setup } from 'xstate';
import { replicationMachine } from '../../machines/replication.ts';
import type { ReplicationEvent } from '../../machines/rules/replication-events.ts';
import { paths } from '../../src/testing/paths.ts';

/** A machine that is walked alone has nobody to ask. */
const nobody = () => undefined;
const machine = replicationMachine.provide({
  actions: { askForHeartbeat: nobody, askForEntries: nobody, askForChunk: nobody },
});

const input = {
  follower: 'b',
  nextIndex: 5,
  lastLogIndex: 5,
  messagesInFlightMax: 2,
  bytesInFlightMax: 1_000,
  heartbeatIntervalMs: 50,
  chunkTimeoutMs: 300,
};

const alphabet: readonly ReplicationEvent[] = [
  { type: 'heartbeat.sent', requestId: 1 },
  { type: 'append.accepted', requestId: 1, matchIndex: 4 },
  { type: 'append.sent', messages: [] },
  { type: 'acknowledgements.lost' },
  { type: 'snapshot.offered', snapshot: { id: 's', index: 9, term: 1, sizeBytes: 10 } },
];

describe('paths', () => {
  const found = paths({
    machine,
    input,
    events: () => alphabet,
    stateKey: ({ value, context }) => JSON.stringify([value, context.since !== null]),
  });
  const reached = found.map(({ state }) => JSON.stringify(state.value));

  it.each(['"probe"', '"replicate"', '"snapshot"', '"halted"'])('reaches %s', (mode) => {
    expect(reached.some((value) => value.includes(mode))).toBe(true);
  });

  it('each way can be walked again, step by step, to the same state', () => {
    expect(found.length).toBeGreaterThan(5);
    for (const { state, steps } of found) expect(steps.at(-1)?.state.value).toEqual(state.value);
  });

  it('says so when the alphabet is too rich', () => {
    expect(() =>
      paths({
        machine,
        input,
        events: () => alphabet,
        stateKey: () => String(Math.random()),
        limit: 50,
      }),
    ).toThrow(/limit/i);
  });
});

describe('the types of paths', () => {
  const lamp = setup({
    types: {
      context: {} as { pushes: number },
      events: {} as { type: 'push'; by: number } | { type: 'break' },
      input: {} as { pushes: number },
    },
  }).createMachine({
    context: ({ input }) => input,
    initial: 'off',
    states: { off: { on: { push: 'on', break: 'broken' } }, on: {}, broken: {} },
  });
  const start = { pushes: 1 };

  it('are the machine’s own: its events, told from what is in its context, and its input', () => {
    const found = paths({
      machine: lamp,
      input: start,
      events: ({ context }) => [{ type: 'push', by: context.pushes }, { type: 'break' }],
    });
    expect(found.map(({ state }) => state.value)).toEqual(['off', 'on', 'broken']);
    expectTypeOf(found[0]!.state.context).toEqualTypeOf<{ pushes: number }>();
  });

  it('refuse what is not the machine’s', () => {
    const events = () => [{ type: 'break' }] as const;
    // Read by the compiler alone.
    const never = () => {
      // @ts-expect-error there is no such event
      paths({ machine: lamp, input: start, events: () => [{ type: 'pull' }] });
      // @ts-expect-error the event has a field that is not given
      paths({ machine: lamp, input: start, events: () => [{ type: 'push' }] });
      // @ts-expect-error … or that is of another type
      paths({ machine: lamp, input: start, events: () => [{ type: 'push', by: 'a' }] });
      // @ts-expect-error the machine wants input
      paths({ machine: lamp, events });
      // @ts-expect-error … of another type
      paths({ machine: lamp, input: { pushes: 'a' }, events });
    };
    expect(never).toBeTypeOf('function');
  });
});
