/** Disks that are full or fail stop their server and no other (§5.1). */
import assert from 'node:assert/strict';
import type { DiskTrouble } from '../breakable-disk.ts';
import type { Fault } from '../real-faults.ts';

const STRETCH_MS = 500;
const FAILED = 1;

/** A follower's, then the leader's, in an order nobody chose. */
export const breakDisks: Fault = async (cluster, load, random) => {
  const troubles: DiskTrouble[] = random.chance(0.5) ? ['ENOSPC', 'EIO'] : ['EIO', 'ENOSPC'];
  for (const [place, trouble] of troubles.entries()) {
    const { id: leader } = await cluster.leader();
    const followers = cluster.othersThan(leader);
    const victim = place === 0 ? followers[random.below(followers.length)] : leader;
    cluster.breakDisk(victim as string, trouble);
    const { code, said } = await cluster.endsByItself(victim as string);
    assert.equal(code, FAILED, said);
    assert.match(said, new RegExp(`server ${victim}: stops, because it failed: .*${trouble}`));
    await load.progressed(100);
    await cluster.heal();
    await load.counts(`after ${trouble} on ${victim}`, STRETCH_MS);
  }
};
