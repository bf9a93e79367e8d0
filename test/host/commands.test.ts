/** One command by itself: what is a refusal, what ends the server, and what a repeat is told. */
import { expect, test } from 'vitest';
import { CommandError } from '../../src/host/command-error.ts';
import { Commands } from '../../src/host/commands.ts';
import type { StateMachine } from '../../src/ports/state-machine.ts';
import { command } from './peer.ts';

const thrown = new Error('no room');
const throwing: StateMachine = {
  apply: () => {
    throw thrown;
  },
  query: () => undefined,
  snapshot: () => [],
  restore: () => undefined,
};
const reads = { encode: () => new Uint8Array(), decode: () => 'x' };

function commandsOf(stateMachine: StateMachine, results = reads) {
  return new Commands({ id: 'a', stateMachine, commands: reads, results, onRefused: () => {} });
}

test('a throw is a refusal only for state machines that say they are transactional', () => {
  const entry = command(3, 1, 'x');
  expect(() => commandsOf(throwing).apply(entry)).toThrow(CommandError);
  const transactional = commandsOf({ ...throwing, isTransactional: true });
  expect(transactional.apply(entry)).toMatchObject({
    outcome: 'refused',
    reason: 'command-failed',
  });
});

test('an answer that its codec cannot read any more ends no server', () => {
  const decode = (): string => {
    throw new Error('of an older version');
  };
  const kept = { sequence: 1, index: 3, term: 1, bytes: new Uint8Array(1) };
  expect(commandsOf(throwing, { ...reads, decode }).repeated(kept)).toMatchObject({
    ...{ outcome: 'refused', reason: 'answer-discarded' },
    message: expect.stringContaining('it was applied'),
  });
});
