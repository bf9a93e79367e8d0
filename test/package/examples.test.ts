/** The applications of the embedder's guide: installed, compiled and run as their adopters would. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { freePorts } from '../cluster/running-cluster.ts';
import { packedFolder } from './installed.ts';
import { installInto, manifest, ROOT, run, userPackages } from './packed.ts';

const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const IDS = ['a', 'b', 'c'] as const;
type Id = (typeof IDS)[number];

let folder = '';
let firstPort = 0;
const running = new Map<Id, ChildProcess>();
const said: string[] = [];

beforeEach(async () => {
  packedFolder();
  folder = await mkdtemp(join(tmpdir(), 'statecraft-example-'));
  firstPort = await freePorts(6);
  said.length = 0;
});
afterEach(async () => {
  for (const id of running.keys()) await kill(id);
  await rm(folder, { recursive: true, force: true });
});

/** Copies the example into the empty folder, installs what it needs, and compiles it. */
async function make(name: string, more: readonly string[] = []): Promise<void> {
  await cp(join(ROOT, 'docs/examples', name), folder, { recursive: true });
  const packages = [inject('packedTarball'), ...(await userPackages()), ...more];
  await installInto(folder, packages, ['--ignore-scripts']);
  const compiled = await run(process.execPath, [TSC, '-p', '.'], { cwd: folder }).catch(
    (error: { stdout: string }) => error,
  );
  expect(compiled.stdout).toBe('');
}

function start(id: Id, ...flags: readonly string[]): void {
  const child = spawn(process.execPath, ['main.js', id, String(firstPort), ...flags], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  child.stderr.on('data', (text) => said.push(`${id}: ${text}`));
  running.set(id, child);
}

async function kill(id: Id): Promise<void> {
  const child = running.get(id);
  running.delete(id);
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('close', resolve));
  child.kill('SIGKILL');
  await ended;
}

async function startAll(): Promise<void> {
  const command = join(folder, 'node_modules/statecraft/dist/src/cli/main.js');
  await run(process.execPath, [command, 'key', 'new', 'cluster.key'], { cwd: folder });
  for (const id of IDS) start(id, '--bootstrap');
  for (const id of IDS) await eventually(() => isReady(id));
}

const urlOf = (id: Id, path: string) =>
  `http://127.0.0.1:${firstPort + IDS.length + IDS.indexOf(id)}${path}`;

async function isReady(id: Id): Promise<boolean> {
  return (await fetch(urlOf(id, '/ready'))).ok;
}

/** Asks any server that runs, which sends us to the leader; until one has an answer. */
async function ask<Answer>(path: string, body?: object): Promise<Answer> {
  const post = body && {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  };
  for (;;) {
    for (const id of running.keys()) {
      const answer = await fetch(urlOf(id, path), post).catch(() => null);
      if (answer?.ok) return (await answer.json()) as Answer;
      // What may have been applied must not be asked for twice.
      if (answer?.status === 504 && post) throw new Error(`unknown: ${await answer.text()}`);
    }
    await pause();
  }
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 50));

/** Ends by the test's own deadline, with what the servers have said. */
async function eventually(check: () => Promise<boolean>): Promise<void> {
  const until = performance.now() + 60_000;
  while (!(await check().catch(() => false))) {
    if (performance.now() > until) throw new Error(`it never came about\n${said.join('')}`);
    await pause();
  }
}

/** The server that a redirect or its own answer names. */
async function leaderBy(path: string): Promise<Id> {
  for (;;) {
    for (const id of running.keys()) {
      const answer = await fetch(urlOf(id, path)).catch(() => null);
      const leader = IDS.find((one) => answer?.ok && answer.url === urlOf(one, path));
      if (leader !== undefined) return leader;
    }
    await pause();
  }
}

interface Job {
  readonly id: number;
  readonly payload: string;
  readonly state: string;
}

describe('the job queue', () => {
  it('works through every job, one at a time, although its leader is killed twice', async () => {
    await make('job-queue');
    await startAll();
    const jobs = () => ask<readonly Job[]>('/jobs');
    const doneCount = async () => (await jobs()).filter(({ state }) => state === 'done').length;
    for (let at = 1; at <= 40; at += 1) await ask('/jobs', { payload: `job ${at}` });
    const killed: Id[] = [];
    for (const done of [5, 15]) {
      await eventually(async () => (await doneCount()) >= done);
      const leader = await leaderBy('/jobs');
      await kill(leader);
      killed.push(leader);
      await ask('/jobs', { payload: `after ${leader}` });
      start(leader);
    }
    await eventually(async () => (await jobs()).every(({ state }) => state === 'done'));
    expect(await jobs()).toHaveLength(42);

    const lines = (await readFile(join(folder, 'work.log'), 'utf8')).trim().split('\n');
    const work = lines.map((line) => {
      const [what, job, token, server] = line.split(' ');
      return { what, job: Number(job), token: Number(token), server };
    });
    // Of every job, the work was done; of leaders, one after the other.
    const ended = new Set(work.filter(({ what }) => what === 'end').map(({ job }) => job));
    expect(ended.size).toBe(42);
    expect(work.map(({ token }) => token)).toEqual(
      work.map(({ token }) => token).sort((one, other) => one - other),
    );
    expect(new Set(work.map(({ token }) => token)).size).toBeGreaterThan(killed.length);
    // Nobody begins while another one works: only what was killed never came to an end.
    work.forEach(({ what, job, token, server }, at) => {
      const next = work[at + 1];
      if (what !== 'begin' || next === undefined) return;
      const isEnded = next.what === 'end' && next.job === job && next.token === token;
      const isGivenUp = next.what === 'begin' && next.token > token && next.job === job;
      expect(isEnded || isGivenUp, `${server} began job ${job} in term ${token}`).toBe(true);
    });
  }, 300_000);
});

describe('the counter in a fastify service', () => {
  it('counts each request once, and goes on when its leader is killed', async () => {
    const { fastify } = (await manifest()).devDependencies;
    await make('counter', [`fastify@${fastify}`]);
    await startAll();
    const add = () => ask<{ count: number }>('/counters/visits', { by: 1 });
    const before = [await add(), await add(), await add()];
    expect(before.map(({ count }) => count)).toEqual([1, 2, 3]);
    const leader = await leaderBy('/counters/visits');
    await kill(leader);
    expect(await add()).toEqual({ name: 'visits', count: 4 });
    start(leader);
    await eventually(() => isReady(leader));
    expect(await ask('/counters/visits')).toEqual({ name: 'visits', count: 4 });
    const figures = await fetch(urlOf(leader, '/figures')).then((answer) => answer.json());
    expect(figures).toMatchObject({ raft_has_leader: 1, raft_is_learner: 0 });
    const wrong = await fetch(urlOf(leader, '/counters/visits'), { method: 'POST' });
    expect(wrong.status).toBe(400);
  }, 300_000);
});

describe('the bare machine', () => {
  it('elects a leader and commits a command, with a host of one page', async () => {
    await make('bare-machine');
    const { stdout } = await run(process.execPath, ['main.js'], { cwd: folder });
    expect(stdout).toMatch(/^[abc] leads term \d+\n(?:[abc] has applied hello\n){3}$/);
  }, 300_000);
});
