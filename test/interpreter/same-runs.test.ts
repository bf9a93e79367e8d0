/** Servers run by either interpreter do the same, whatever happens to them. */
import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { InspectionEvent } from 'xstate';
import type { InterpreterName } from '../../src/interpreter/index.ts';
import { runPlan } from '../../src/simulation/search/run.ts';
import { keyValueCluster, put } from '../paper/scenario.ts';
import { draw, keyValueSubject } from '../search/subject.ts';
import { inTier } from '../tiers/tier.ts';
import { recorderOf } from './recorded-run.ts';

const SEEDS = Array.from({ length: inTier({ quick: 5, full: 40 }) }, (_, at) => at + 1);

describe('a searched history', () => {
  it.each(SEEDS)('of seed %i is the same, message by message', async (seed) => {
    const ran = (interpreter: InterpreterName) =>
      runPlan(draw(seed), { ...keyValueSubject(), interpreter });
    expect(await ran('compiled')).toEqual(await ran('xstate'));
  });
});

/** All that XState reports of the actors of three servers, through crashes and a cut. */
async function inspectedRun(seed: number, interpreter: InterpreterName) {
  const said: unknown[] = [];
  const recorders = new Map<string, (event: InspectionEvent) => unknown>();
  const cluster = keyValueCluster({
    seed,
    interpreter,
    parameters: { snapshotAfterEntries: 10, trailingEntries: 2, chunkBytes: 128 },
    inspect: (id, event) => {
      const record = recorders.get(id) ?? recorderOf();
      recorders.set(id, record);
      said.push([id, record(event)]);
    },
  });
  const chance = cluster.random.fork('script');
  for (let step = 0; step < 20; step += 1) {
    const server = cluster.servers[chance.below(3)] as (typeof cluster.servers)[number];
    const kind = chance.below(6);
    if (kind === 0) server.restart();
    if (kind === 1) cluster.partition([server.id]);
    if (kind === 2) cluster.heal();
    for (const each of cluster.servers) void each.propose(put(`key ${step % 4}`, `value ${step}`));
    await cluster.run({ forMs: chance.between(20, 200) });
  }
  return { said, trace: cluster.trace() };
}

describe('a simulated cluster', () => {
  it.each([1, 2, 3])('of seed %i reports the same to inspectors', async (seed) => {
    const ours = await inspectedRun(seed, 'compiled');
    const ofXState = await inspectedRun(seed, 'xstate');
    expect(ours.trace).toBe(ofXState.trace);
    const at = ours.said.findIndex((each, place) => !isDeepStrictEqual(each, ofXState.said[place]));
    expect(ours.said[at]).toStrictEqual(ofXState.said[at]);
    expect(ours.said.length).toBe(ofXState.said.length);
    expect(ours.said.length).toBeGreaterThan(1_000);
  });
});
