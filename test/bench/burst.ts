/**
 * Does memory return after a burst? A real cluster, 2,500 bodies of 1 MiB from many connections at a
 * time, then nothing: what is resident before, at most, and up to ten seconds after, in MiB.
 *
 *     node --import tsx test/bench/burst.ts [connections] [servers]
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunningCluster } from '../cluster/running-cluster.ts';

const BODIES = 2_500;
const BODY = Buffer.alloc(1_048_576, 7);
/** What is stored in the end is counted like everything else, so it is little. */
const KEYS = 8;
const ATTEMPTS_MAX = 100;
const SECONDS = 10;

const [connections = 100, servers = 3] = process.argv.slice(2).map(Number);

function residentOf(pid: number, field = 'VmRSS'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
}

interface Answer {
  readonly status: number;
  /** Where it sends us, or ''. */
  readonly location: string;
}

function put(base: string, agent: Agent, key: string): Promise<Answer> {
  return new Promise((resolve) => {
    const headers = { 'content-length': BODY.byteLength };
    const asked = request(`${base}/v1/kv/${key}`, { method: 'PUT', agent, headers }, (answer) => {
      const { statusCode: status = 0, headers } = answer;
      answer.resume().on('end', () => resolve({ status, location: headers.location ?? '' }));
    });
    asked.on('error', () => resolve({ status: 0, location: '' }));
    asked.end(BODY);
  });
}

const cluster = await RunningCluster.start({ servers });
let { leaderClientAddress: base } = (await cluster.leader()) as { leaderClientAddress: string };
const pids = await Promise.all(cluster.ids.map((id) => cluster.pidOf(id)));
await sleep(3_000);
const before = pids.map((pid) => residentOf(pid));

const agent = new Agent({ keepAlive: false, maxSockets: connections });
const answered: Record<number, number> = {};
let sent = 0;

/** Sent again, to whoever leads then, until it is applied. */
async function store(key: string): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const { status, location } = await put(base, agent, key);
    answered[status] = (answered[status] ?? 0) + 1;
    if (status === 200) return;
    if (location !== '') base = new URL(location).origin;
    await sleep(status === 307 ? 10 : 500);
  }
}

async function sender(): Promise<void> {
  while (sent < BODIES) {
    sent += 1;
    await store(`burst-${sent % KEYS}`);
  }
}

const startedAt = performance.now();
await Promise.all(Array.from({ length: connections }, sender));
const seconds = (performance.now() - startedAt) / 1_000;
const shown = (row: readonly number[]) => row.map((each) => each.toFixed(0).padStart(6)).join(' ');
process.stdout.write(
  `${BODIES} bodies over ${connections} connections in ${seconds.toFixed(1)} s: ` +
    `${JSON.stringify(answered)}\n` +
    `before ${shown(before)}\n` +
    `most   ${shown(pids.map((pid) => residentOf(pid, 'VmHWM')))}\n`,
);
for (let second = 0; second <= SECONDS; second += 2) {
  const row = shown(pids.map((pid) => residentOf(pid)));
  process.stdout.write(`${String(second).padStart(2)} s   ${row}\n`);
  await sleep(2_000);
}
await cluster.stop();
