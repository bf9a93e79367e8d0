/** Timeouts with chance in them (§5.2), as a host provides them. */

import { describe, expect, it } from 'vitest';
import { createActor } from 'xstate';
import { machines, randomizedDelays, roleOf, serverMachine } from '../../machines/index.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { clusterOf, serverOf } from '../rules/states.ts';

const { log, parameters } = serverOf({ id: 'a', configuration: clusterOf('a', 'b', 'c') });
const { timing } = parameters;
const stored = { term: 0, votedFor: null, commitIndex: 0, log, snapshot: null, lastWriteId: 0 };

/** When a server that hears nothing first asks for votes, with that chance. */
function asksAfterMs(machine: typeof serverMachine): number {
  const clock = new VirtualClock();
  const actor = createActor(machine, { input: { id: 'a', parameters, stored }, clock }).start();
  while (roleOf(actor.getSnapshot()) === 'follower' && clock.fireNext(10_000));
  actor.stop();
  return clock.now();
}

/** Of a new cluster: when it asks for pre-votes, as long as nobody answers. */
function hastyAsks(id: string, untilMs: number, term = 0): readonly number[] {
  const clock = new VirtualClock();
  const delays = randomizedDelays({ next: () => 0.5 }, true);
  const input = { id, parameters, stored: { ...stored, term } };
  const actor = createActor(serverMachine.provide({ delays }), { input, clock });
  const asked = new Set<number>();
  actor.on('send', ({ message }) => {
    if (message.type === 'PreVote') asked.add(clock.now());
  });
  actor.start();
  while (clock.now() < untilMs && clock.fireNext(10_000));
  actor.stop();
  return [...asked];
}

const drawing = (...chances: number[]) =>
  serverMachine.provide({ delays: randomizedDelays({ next: () => chances.shift() ?? 0 }) });

describe('the delays of a server', () => {
  it('are the longest there are when nobody provides chance, and then servers tie (§5.2)', () => {
    expect(asksAfterMs(machines.server)).toBe(timing.electionTimeoutMaxMs);
  });

  it('are drawn between the shortest and the longest election timeout of its parameters', () => {
    expect(asksAfterMs(drawing(0))).toBe(timing.electionTimeoutMinMs);
    expect(asksAfterMs(drawing(0.5))).toBe(
      (timing.electionTimeoutMinMs + timing.electionTimeoutMaxMs) / 2,
    );
    const late = asksAfterMs(drawing(0.999_999));
    expect(late).toBeGreaterThan(timing.electionTimeoutMaxMs - 1);
    expect(late).toBeLessThanOrEqual(timing.electionTimeoutMaxMs);
  });

  it('are short before the first election of a new cluster, for the first server and not for long', () => {
    const asks = hastyAsks('a', 1_500);
    const hasty = asks.filter((atMs) => atMs <= timing.electionTimeoutMaxMs);
    expect(hasty).toEqual(hasty.map((_, at) => (at + 1) * timing.heartbeatIntervalMs));
    expect(hasty).toHaveLength(timing.electionTimeoutMaxMs / timing.heartbeatIntervalMs);
    expect(asks[hasty.length]).toBe(timing.electionTimeoutMaxMs + 450);
  });

  it('are as ever for all others, and for all once there was a campaign', () => {
    expect(hastyAsks('b', 900)).toEqual([450, 900]);
    expect(hastyAsks('c', 900)).toEqual([450, 900]);
    expect(hastyAsks('a', 900, 1)).toEqual([450, 900]);
  });
});
