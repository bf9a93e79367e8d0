/** A rule that is broken: the run ends, and the frame says why. */
import { describe, expect, it } from 'vitest';
import { serverMachine } from '../../machines/server.ts';
import type { Frame } from '../../src/playground/frame.ts';
import { Recording } from '../../src/playground/recording.ts';
import type { Script } from '../../src/playground/script.ts';

const quiet: Script = { seed: 7, servers: 5, scenario: null, actions: [] };
const EVENTS_MAX = 1_000;

/** The frame with the violation. */
async function ended(recording: Recording): Promise<Frame> {
  while (recording.last.violation === null && recording.length < EVENTS_MAX) {
    await recording.advance();
  }
  return recording.last;
}

describe('a rule that is broken', () => {
  it('ends the run with the invariant that fell, in the frame and in the panel', async () => {
    const machine = serverMachine.provide({ guards: { wonElection: () => true } });
    const recording = await Recording.start(quiet, { machine });
    const { violation } = await ended(recording);
    expect(violation?.invariant).toBe('Distinct Votes');
    expect(violation?.sentence).toMatch(
      /^server . leads term 1 with the durable votes of \[.*\] only$/,
    );
    expect(await recording.advance()).toBeNull();
    const problem = `The run has ended with event ${recording.length}: go back before it to act`;
    expect(await recording.act(recording.length, { type: 'heal' })).toEqual({ problem });
    const acted = await recording.act(0, { type: 'crash', server: 'a' });
    expect(acted).toMatchObject({ frame: { number: 1, violation: null } });
  });

  it('that stops a server is told too', async () => {
    const refuse = () => {
      throw new Error('this vote was not to be');
    };
    const machine = serverMachine.provide({ guards: { mayGrantVote: refuse } });
    const recording = await Recording.start(quiet, { machine });
    const { violation } = await ended(recording);
    expect(violation?.invariant).toBe('Failure');
    expect(violation?.sentence).toMatch(/^server . failed: .*this vote was not to be$/);
  });
});
