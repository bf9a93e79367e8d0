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

/** Of a new cluster: when it asks for pre-votes, and with which number, as long as nobody answers. */
function hastyAsks(id: string, untilMs: number, term = 0): ReadonlyMap<number, number> {
  const clock = new VirtualClock();
  const delays = randomizedDelays({ next: () => 0.5 }, true);
  const input = { id, parameters, stored: { ...stored, term } };
  const actor = createActor(serverMachine.provide({ delays }), { input, clock });
  const asked = new Map<number, number>();
  actor.on('send', ({ message }) => {
    if (message.type === 'PreVote') asked.set(clock.now(), message.requestId);
  });
  actor.start();
  while (clock.now() < untilMs && clock.fireNext(10_000));
  actor.stop();
  return asked;
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

  it('are short before the first election of a new cluster, once and for the first server', () => {
    const asks = hastyAsks('a', 1_000);
    const { heartbeatIntervalMs } = timing;
    expect([...asks.keys()]).toEqual(
      Array.from({ length: asks.size }, (_, at) => (at + 1) * heartbeatIntervalMs),
    );
    const begins = [...asks].filter(
      ([atMs, number]) => asks.get(atMs - heartbeatIntervalMs) !== number,
    );
    expect(begins).toEqual([
      [heartbeatIntervalMs, 1],
      [heartbeatIntervalMs + 450, 2],
      [heartbeatIntervalMs + 900, 3],
    ]);
  });

  it('are as ever for all others, and for all once there was a campaign', () => {
    for (const asks of [hastyAsks('b', 900), hastyAsks('c', 900), hastyAsks('a', 900, 1)]) {
      expect(asks.keys().next().value).toBe(450);
      expect([...new Set(asks.values())]).toEqual([1, 2]);
    }
  });
});
