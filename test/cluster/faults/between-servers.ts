/** A network that loses, holds up or delays what servers say to each other, by direction (§5.1, §5.2). */
import assert from 'node:assert/strict';
import type { Fault } from '../real-faults.ts';

const STRETCH_MS = 500;
const LOSS = 0.03;
const LOST_PIECES = 15;
const LATE_PIECES = 200;

/** Connections that break in the middle, then a leader that nobody hears and that hears nobody. */
export const loseMessages: Fault = async (cluster, load) => {
  cluster.wires.becomeAll({ type: 'lossy', probability: LOSS });
  await cluster.wires.hasTroubled(LOST_PIECES);
  await cluster.heal();
  await load.counts('after the losses', STRETCH_MS);
  const { id: leader } = await cluster.leader();
  const others = cluster.othersThan(leader);
  cluster.wires.become({ type: 'swallowed' }, leader, ...others);
  for (const id of others) cluster.wires.become({ type: 'swallowed' }, id, leader);
  await cluster.leader(others);
  await load.progressed(100);
  await cluster.heal();
  await load.counts('after the leader was alone', STRETCH_MS);
};

/** A little everywhere, then the leader's words for longer than an election timeout. */
export const delayMessages: Fault = async (cluster, load) => {
  cluster.wires.becomeAll({ type: 'delayed', fromMs: 0, untilMs: 60 });
  await cluster.wires.hasTroubled(LATE_PIECES);
  await load.progressed(100);
  const { id: leader } = await cluster.leader();
  const slow = { type: 'delayed', fromMs: 300, untilMs: 900 } as const;
  cluster.wires.become(slow, leader, ...cluster.othersThan(leader));
  await load.progressed(100);
  await cluster.heal();
  await load.counts('after the delays', STRETCH_MS);
};

/** The leader is not heard; then it does not hear; then one follower is not heard. */
export const cutOneDirection: Fault = async (cluster, load, random) => {
  const { id: mute } = await cluster.leader();
  cluster.wires.become({ type: 'cut' }, mute, ...cluster.othersThan(mute));
  await cluster.leader(cluster.othersThan(mute));
  await load.progressed(100);
  await cluster.heal();
  await load.counts('after the leader was not heard', STRETCH_MS);
  const { id: deaf } = await cluster.leader();
  for (const id of cluster.othersThan(deaf)) cluster.wires.become({ type: 'cut' }, id, deaf);
  await cluster.leader(cluster.othersThan(deaf));
  await load.progressed(100);
  await cluster.heal();
  await load.counts('after the leader heard nobody', STRETCH_MS);
  const { id: leader } = await cluster.leader();
  const followers = cluster.othersThan(leader);
  const follower = followers[random.below(followers.length)] as string;
  cluster.wires.become({ type: 'cut' }, follower, ...cluster.othersThan(follower));
  await load.progressed(300);
  assert.ok(cluster.wires.troubled > 0, 'nothing was held up');
  await cluster.heal();
  await load.counts('after a follower was not heard', STRETCH_MS);
};
