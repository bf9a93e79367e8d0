/** Disks that are full or fail stop their server and no other (§5.1). */
import assert from 'node:assert/strict';
import type { DiskTrouble } from '../breakable-disk.ts';
import { connectTo, type Load } from '../load.ts';
import type { Fault } from '../real-faults.ts';
import type { ServerProcesses } from '../server-processes.ts';
import { SmallDisk } from '../small-disk.ts';

const STRETCH_MS = 500;
const FAILED = 1;
const BIG_BYTES = 900_000;
/** More than fits into what a log has made ready. */
const BIG_WRITES = 24;

/** Every write or every sync fails from one moment on: a follower's, then the leader's. */
export const breakDisks: Fault = async (cluster, load, random) => {
  const troubles: DiskTrouble[] = random.chance(0.5) ? ['ENOSPC', 'EIO'] : ['EIO', 'ENOSPC'];
  for (const [place, trouble] of troubles.entries()) {
    const { id: leader } = await cluster.leader();
    const followers = cluster.othersThan(leader);
    const victim = place === 0 ? (followers[random.below(followers.length)] as string) : leader;
    cluster.breakDisk(victim, trouble);
    await failsAlone(cluster, load, victim, trouble);
    await cluster.heal();
    await load.counts(`after ${trouble} on ${victim}`, STRETCH_MS);
  }
};

/** A disk that has no byte left, where one can be had; elsewhere one that says so. */
export const fillDisk: Fault = async (cluster, load, random) => {
  const victim = cluster.ids[random.below(cluster.ids.length)] as string;
  await cluster.stop(victim);
  const disk = await SmallDisk.over(cluster.directoryOf(victim));
  if (disk === null) {
    await cluster.heal();
    cluster.breakDisk(victim, 'ENOSPC');
    return failsAlone(cluster, load, victim, 'ENOSPC');
  }
  try {
    cluster.runWith(victim, disk.prefix);
    await cluster.heal();
    await disk.fill();
    await writeMuch(cluster);
    await failsAlone(cluster, load, victim, 'ENOSPC');
    await disk.makeRoom();
    await cluster.heal();
    await cluster.stop(victim);
    await disk.giveBack();
  } finally {
    cluster.runWith(victim, []);
    await disk.close();
  }
};

async function failsAlone(
  cluster: ServerProcesses,
  load: Load,
  victim: string,
  trouble: DiskTrouble,
): Promise<void> {
  const { code, said } = await cluster.endsByItself(victim);
  assert.equal(code, FAILED, said);
  assert.match(said, new RegExp(`server ${victim}: stops, because it failed: .*${trouble}`));
  await load.progressed(100);
}

/** Beside the load, to a key of its own. */
async function writeMuch(cluster: ServerProcesses): Promise<void> {
  const client = connectTo(cluster.endpoints);
  for (let applied = 0; applied < BIG_WRITES; ) {
    const { outcome } = await client.put('big', 'x'.repeat(BIG_BYTES), { timeoutMs: 20_000 });
    assert.notEqual(outcome, 'refused', `after ${applied} big writes`);
    if (outcome === 'applied') applied += 1;
  }
  await client.close();
}
