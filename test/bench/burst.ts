/**
 * Does memory return after a burst? Three real servers, 2,500 bodies of 1 MiB from many connections,
 * then nothing: what is resident before, at most, and ten seconds after.
 *
 *     node --import tsx test/bench/burst.ts [connections]
 */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunningCluster } from '../cluster/running-cluster.ts';

const BODIES = Number(process.env.N ?? 2_500);
const BODY = Buffer.alloc(1_048_576, 7);
const KEYS = 8;
const ATTEMPTS_MAX = 20;
const MEBIBYTE = 1_048_576;

const connections = Number(process.argv[2] ?? 100);

/** In MiB, as the kernel counts. */
function residentOf(pid: number, what = 'VmRSS'): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) / 1024;
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

const cluster = await RunningCluster.start({ servers: Number(process.argv[3] ?? 3) });
let { leaderClientAddress: base } = (await cluster.leader()) as { leaderClientAddress: string };
const pids = await Promise.all(cluster.ids.map((id) => cluster.pidOf(id)));
await sleep(3_000);
const before = pids.map((pid) => residentOf(pid));

const { execSync: ex0 } = await import('node:child_process');
process.stderr.write(ex0(`python3 /tmp/bx/smaps.py ${pids[0]}`));
const agent = new Agent({ keepAlive: false, maxSockets: connections });
const answered: Record<number, number> = {};
const startedAt = performance.now();
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

let next = 0;
async function sender(): Promise<void> {
  while (next < BODIES) {
    next += 1;
    await store(`burst-${next % KEYS}`);
  }
}

const ticking = setInterval(
  () =>
    process.stderr.write(
      `${next} ${JSON.stringify(answered)} ${pids.map((pid) => residentOf(pid).toFixed(0))}\n`,
    ),
  5_000,
);
await Promise.all(Array.from({ length: connections }, sender));
clearInterval(ticking);
const took = performance.now() - startedAt;
const { execSync } = await import('node:child_process');
const smaps = () => process.stderr.write(execSync(`python3 /tmp/bx/smaps.py ${pids[0]}`));
const rows: number[][] = [];
for (let second = 0; second <= 15; second += 1) {
  rows.push(pids.map((pid) => residentOf(pid)));
  await sleep(1_000);
}
smaps();
const shown = (row: readonly number[]) => row.map((each) => each.toFixed(0).padStart(6)).join(' ');
process.stdout.write(
  `${BODIES} bodies of ${BODY.byteLength / MEBIBYTE} MiB over ${connections} connections in ${(took / 1000).toFixed(1)} s: ${JSON.stringify(answered)}\n` +
    `before ${shown(before)}\npeak   ${shown(pids.map((pid) => residentOf(pid, 'VmHWM')))}\n` +
    rows.map((row, second) => `${String(second).padStart(2)} s   ${shown(row)}\n`).join(''),
);
await cluster.stop();
