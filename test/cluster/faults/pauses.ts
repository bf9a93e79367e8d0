/** Processes that stand still for a while, and do not know (SIGSTOP, SIGCONT). */
import assert from 'node:assert/strict';
import type { Client } from '../../../src/client/index.ts';
import { httpGet } from '../../../src/node/http-get.ts';
import { connectTo, type Load } from '../load.ts';
import type { Fault } from '../real-faults.ts';
import type { ServerProcesses } from '../server-processes.ts';
import { eventually } from '../statuses.ts';

const PATIENCE_MS = 30_000;
const ASK_TIMEOUT_MS = 5_000;
const STRETCH_MS = 500;
/** More than the 4 MiB of log before which there is no snapshot. */
const WRITES_UNTIL_SNAPSHOT = 4_500;
const VALUE_BYTES = 1_000;
const WRITERS = 120;

/**
 * Some questions wait in its socket before it goes on, and are the first it sees; others come with
 * its waking. None may be answered from what it knew (§8). The first time it wakes to the words of
 * the new leader as well; the second time these are held back until it has said what it has to say.
 */
export const pauseLeader: Fault = async (cluster, load) => {
  for (const isLeftInTheDark of [false, true]) {
    const { id: old } = await cluster.leader();
    const others = cluster.othersThan(old);
    if (isLeftInTheDark) for (const id of others) cluster.wires.become({ type: 'cut' }, id, old);
    cluster.pause(old);
    await cluster.leader(others);
    await load.progressed(100);
    const early = askAll(cluster, load, old, 'early');
    cluster.resume();
    const late = askAll(cluster, load, old, 'late');
    await Promise.all([early, late]);
    await cluster.heal();
    const when = isLeftInTheDark ? 'after a leader woke in the dark' : 'after a leader woke';
    await load.counts(when, STRETCH_MS);
  }
};

/** Reads every key at that server itself; what it does not answer says nothing. */
async function askAll(cluster: ServerProcesses, load: Load, id: string, name: string) {
  const { recorder } = load;
  const reads = [...recorder.keys].map((key, place) => {
    const url = `${cluster.endpointOf(id)}/v1/kv/${encodeURIComponent(key)}`;
    const read = async () => {
      const answer = await httpGet(url, ASK_TIMEOUT_MS);
      const isAnswered = answer?.status === 200 || answer?.status === 404;
      if (!isAnswered) return { outcome: 'refused', reason: 'redirected', message: '' } as const;
      const result = answer.status === 200 ? answer.text : null;
      return { outcome: 'applied', result, index: 0 } as const;
    };
    return recorder.record(
      `${name}.${place}.${recorder.answered}`,
      { type: 'get', key },
      read,
      (text) => text,
    );
  });
  await Promise.all(reads);
}

/** Nothing is acknowledged without a majority (§5.1), and everything goes on when it is back. */
export const majorityStandsStill: Fault = async (cluster, load) => {
  const { id: leader } = await cluster.leader();
  cluster.pause(...cluster.othersThan(leader));
  const place = `${cluster.endpointOf(leader)}/v1/kv/alone`;
  const alone = await fetch(place, { method: 'PUT', body: 'x', redirect: 'manual' });
  assert.ok([503, 504].includes(alone.status), `a server alone answered ${alone.status}`);
  const before = load.recorder.answered;
  const stale = await fetch(`${cluster.endpointOf(leader)}/v1/kv/shared/0`, { redirect: 'manual' });
  assert.equal(stale.status, 503, 'a server alone cannot know whether what it has is the newest');
  assert.equal(load.recorder.answered, before, 'nothing is acknowledged by one of three');
  cluster.resume();
  await load.progressed(100);
};

/** It comes back to a log that no longer reaches back to where it left (§7). */
export const pauseUntilSnapshot: Fault = async (cluster, load, random) => {
  const { id: leader } = await cluster.leader();
  const followers = cluster.othersThan(leader);
  const away = followers[random.below(followers.length)] as string;
  cluster.pause(away);
  await writeUntilSnapshot(cluster, cluster.othersThan(away));
  cluster.resume();
  await cluster.ready();
  await eventually(`${away} has installed a snapshot`, PATIENCE_MS, async () => {
    const status = await cluster.status(away);
    return (status?.snapshotsInstalled ?? 0) > 0;
  });
  await load.counts('after the snapshot was installed', STRETCH_MS);
};

/** Writes beside the load, to keys of its own, until those servers have a snapshot. */
export async function writeUntilSnapshot(cluster: ServerProcesses, ids: readonly string[]) {
  const clients = [connectTo(cluster.endpoints), connectTo(cluster.endpoints)];
  let applied = 0;
  const write = async (place: number) => {
    const client = clients[place % clients.length] as Client;
    while (applied < WRITES_UNTIL_SNAPSHOT) {
      const { outcome } = await client.put(
        `many/${applied % 500}`,
        String(applied).padEnd(VALUE_BYTES),
      );
      // A slow machine elects now and then: what is in doubt is written once more.
      assert.notEqual(outcome, 'refused', `after ${applied} of many writes`);
      if (outcome === 'applied') applied += 1;
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, place) => write(place)));
  await Promise.all(clients.map((client) => client.close()));
  await eventually(`${ids} have a snapshot`, PATIENCE_MS, async () => {
    const reports = await Promise.all(ids.map((id) => cluster.status(id)));
    return reports.every((report) => (report?.snapshotIndex ?? 0) > 0);
  });
}
