/** Real processes, real disks, real signals: what was acknowledged is never lost (§5.1, §5.4.3, §8). */
import { afterEach, describe, expect, it } from 'vitest';
import { type Client, connect } from '#client/connect';
import { nodeHttpPort } from '#node/http-port';
import { contradictions, finalState, Workload } from './history.ts';
import { RunningCluster, type StatusReport } from './running-cluster.ts';

const MINUTE = 60_000;
const KILLS = 10;

let cluster: RunningCluster;
let clients: Client[] = [];
let stopped: number[] = [];

function client(): Client {
  const made = connect({ endpoints: cluster.endpoints, http: nodeHttpPort() });
  clients.push(made);
  return made;
}

/** The process stands still until it is continued, and does not know. */
function pause(...pids: number[]): void {
  stopped.push(...pids);
  for (const pid of pids) process.kill(pid, 'SIGSTOP');
}

function resume(): void {
  for (const pid of stopped) process.kill(pid, 'SIGCONT');
  stopped = [];
}

async function others(leader: StatusReport): Promise<number[]> {
  const ids = cluster.ids.filter((id) => id !== leader.id);
  return Promise.all(ids.map((id) => cluster.pidOf(id)));
}

async function allPids(): Promise<number[]> {
  return Promise.all(cluster.ids.map((id) => cluster.pidOf(id)));
}

/** Polls a fact of the running cluster until it holds. */
async function until(fact: () => Promise<boolean>): Promise<void> {
  while (!(await fact())) await new Promise((done) => setTimeout(done, 10));
}

afterEach(async () => {
  resume();
  await Promise.all(clients.map((each) => each.close()));
  clients = [];
  await cluster.stop('SIGTERM');
}, MINUTE);

describe('three processes', () => {
  it(
    'lose nothing acknowledged while the leader is killed ten times under load, and repeat nothing',
    async () => {
      cluster = await RunningCluster.start();
      const workload = new Workload([client(), client(), client(), client()]);
      workload.start();
      for (let kill = 1; kill <= KILLS; kill += 1) {
        await workload.progressed(50);
        const { pid } = await cluster.leader();
        const from = cluster.output.length;
        process.kill(pid, 'SIGKILL');
        await workload.progressed(50);
        await cluster.says(/^ready: leader/m, from);
      }
      await workload.stop();
      const final = await finalState(client());
      expect(contradictions(workload.history, final)).toEqual([]);
      expect(workload.acknowledged).toBeGreaterThanOrEqual(KILLS * 100);
      const [first] = workload.history;
      const doctored = [...workload.history, { ...first, key: 'put/x', kind: 'put', token: 'x' }];
      expect(contradictions(doctored as typeof workload.history, final)).toHaveLength(1);
    },
    3 * MINUTE,
  );

  it(
    'lose nothing acknowledged when all are killed at one instant, their supervisor too',
    async () => {
      cluster = await RunningCluster.start();
      const workload = new Workload([client(), client(), client()], 2_000);
      workload.start();
      await workload.progressed(300);
      const pids = [cluster.child.pid as number, ...(await allPids())];
      for (const pid of pids) process.kill(pid, 'SIGKILL');
      await Promise.all([workload.stop(), cluster.ended()]);
      cluster = await RunningCluster.start({ directory: cluster.directory });
      expect(contradictions(workload.history, await finalState(client()))).toEqual([]);
    },
    2 * MINUTE,
  );

  it(
    'acknowledge nothing while two of three stand still, and go on when they do (§5.1: majority)',
    async () => {
      cluster = await RunningCluster.start();
      const leader = await cluster.leader();
      pause(...(await others(leader)));
      const endpoint = cluster.endpoints[cluster.ids.indexOf(leader.id)];
      const alone = await fetch(`${endpoint}/v1/kv/alone`, { method: 'PUT', body: 'x' });
      expect([503, 504]).toContain(alone.status);
      resume();
      const written = await client().put('together', 'x');
      expect(written.outcome).toBe('applied');
    },
    MINUTE,
  );

  it(
    'answer no read from the past: a leader that stood still while another wrote (§8)',
    async () => {
      cluster = await RunningCluster.start();
      const writer = client();
      await writer.put('x', 'old');
      const old = await cluster.leader();
      pause(old.pid);
      expect((await writer.put('x', 'new', { timeoutMs: 20_000 })).outcome).toBe('applied');
      resume();
      const endpoint = cluster.endpoints[cluster.ids.indexOf(old.id)];
      for (let read = 0; read < 20; read += 1) {
        const answer = await fetch(`${endpoint}/v1/kv/x`, { redirect: 'manual' });
        if (answer.status === 200) expect(await answer.text()).toBe('new');
        else expect([307, 503]).toContain(answer.status);
      }
    },
    MINUTE,
  );

  it(
    'bring back a server that was away until it needed a snapshot (§7)',
    async () => {
      cluster = await RunningCluster.start();
      const leader = await cluster.leader();
      const [away] = cluster.ids.filter((id) => id !== leader.id) as [string];
      pause(await cluster.pidOf(away));
      const writer = client();
      const writes = 13_000;
      let next = 0;
      const write = async () => {
        while (next < writes) {
          next += 1;
          const { outcome } = await writer.put(`key ${next % 500}`, String(next));
          if (outcome !== 'applied') throw new Error(`write ${next} ended ${outcome}`);
        }
      };
      await Promise.all(Array.from({ length: 60 }, write));
      await until(async () => ((await cluster.status(leader.id))?.snapshotIndex ?? 0) > 0);
      resume();
      const wanted = (await cluster.leader()).commitIndex;
      await until(async () => ((await cluster.status(away))?.appliedIndex ?? 0) >= wanted);
      expect((await cluster.status(away))?.snapshotIndex).toBeGreaterThan(0);
    },
    2 * MINUTE,
  );
});
