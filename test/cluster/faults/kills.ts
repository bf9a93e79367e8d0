/** Processes that end in the middle of whatever they do (§5.1: servers fail by stopping). */
import type { Fault } from '../real-faults.ts';

const LEADER_KILLS = 10;
const STRETCH_MS = 500;
const MOMENT_MS = 300;

/** Of the leader each time, and now and then of a follower too before that one is back. */
export const killAtRandomMoments: Fault = async (cluster, load, random) => {
  for (let kill = 1; kill <= LEADER_KILLS; kill += 1) {
    await moment(random.between(0, MOMENT_MS));
    const { id: leader } = await cluster.leader();
    await cluster.kill(leader);
    if (random.chance(0.3)) {
      await moment(random.between(0, MOMENT_MS));
      const followers = cluster.othersThan(leader);
      await cluster.kill(followers[random.below(followers.length)] as string);
    } else {
      await load.progressed(50);
    }
    await cluster.heal();
    await load.counts(`after kill ${kill}`, STRETCH_MS);
  }
};

/** Twice, so that what came back from the disk the first time goes through it again. */
export const killAllAtOnce: Fault = async (cluster, load, random) => {
  for (let kill = 1; kill <= 2; kill += 1) {
    await moment(random.between(0, MOMENT_MS));
    await cluster.kill(...cluster.ids);
    await cluster.heal();
    await load.counts(`after all were killed, time ${kill}`, STRETCH_MS);
  }
};

/** Lets the load go on for a while that nobody chose. */
function moment(durationMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}
