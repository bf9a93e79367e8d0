/** The pages with real processes: a cluster that is looked at, and the playground's own server. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { InspectionRecord } from '../../src/inspector/protocol.ts';
import { Page } from '../inspector/pages.ts';
import { allGone, spawnCommand } from './command.ts';
import { COMMAND, freePorts, RunningCluster } from './running-cluster.ts';

const socketsOf = (cluster: RunningCluster) =>
  cluster.endpoints.map((endpoint) => `${endpoint.replace('http', 'ws')}/inspect/socket`);

/** How many transitions there were, when none is missing and none is told twice. */
function counted(records: readonly InspectionRecord[]): number {
  let next = 1;
  for (const record of records) {
    if (record.type === 'dropped') next += record.count;
    if (record.type !== 'transition') continue;
    expect(record.number).toBe(next);
    next += 1;
  }
  return next - 1;
}

describe('a cluster with --inspect', () => {
  it('says where, and shows a leader that is killed and what comes after', async () => {
    const cluster = await RunningCluster.start({ flags: ['--inspect'] });
    try {
      await cluster.says(/^try: /m);
      const lines = cluster.output.split('\n');
      const ready = lines.findIndex((line) => line.startsWith('ready: leader'));
      expect(lines[ready + 1]).toBe(`inspector: ${cluster.endpoints[0]}/inspect`);
      const pages = socketsOf(cluster).map((url, at) => {
        const origin = cluster.endpoints[(at + 1) % 3] as string;
        return new Page(url, { origin });
      });
      for (const page of pages) await page.until(({ type }) => type === 'transition');
      const { id, pid } = await cluster.leader();
      const killed = cluster.ids.indexOf(id);
      process.kill(pid, 'SIGKILL');
      expect(await pages[killed]?.closed).toMatchObject({ code: 1006 });
      const others = pages.filter((_, at) => at !== killed);
      await Promise.race(
        others.map((page) =>
          page.until((record) => record.type === 'transition' && isLeader(record.value)),
        ),
      );
      await cluster.says(/^ready: leader/m, cluster.output.indexOf('has ended'));
      const back = new Page(socketsOf(cluster)[killed] as string);
      await back.until(({ type }) => type === 'actor');
      expect(await cluster.stop()).toBe(0);
      for (const page of [...others, back]) {
        expect(await page.closed).toMatchObject({ code: 1001 });
        expect(page.records.at(-1)).toMatchObject({ type: 'ended' });
        expect(counted(page.records)).toBeGreaterThan(0);
      }
      expect(cluster.output.match(/^inspector:/gm)).toHaveLength(1);
    } finally {
      await cluster.stop();
    }
  });

  const isLeader = (value: unknown) =>
    typeof value === 'object' && value !== null && 'leader' in value;
});

describe('a cluster that was not asked', () => {
  it('has no inspector', async () => {
    const cluster = await RunningCluster.start({ servers: 1 });
    try {
      await cluster.says(/^try: /m);
      expect(cluster.output).not.toContain('inspector');
      expect((await fetch(`${cluster.endpoints[0]}/inspect`)).status).toBe(404);
      const page = new Page(socketsOf(cluster)[0] as string);
      expect(await page.refused()).toMatchObject({ status: 404 });
    } finally {
      expect(await cluster.stop()).toBe(0);
    }
  });
});

describe('the playground', () => {
  let folder: string;
  let port: number;
  let children: ChildProcess[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'statecraft-pages-'));
    mkdirSync(join(folder, 'playground'));
    writeFileSync(join(folder, 'playground/index.html'), '<h1>a playground</h1>');
    port = await freePorts(1);
  });

  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children = [];
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const flags = () => ['playground', '--port', `${port}`];
  const environment = () => ({ ...process.env, STATECRAFT_PAGES: folder });

  /** Its output, once it is ready. */
  function ready(child: ChildProcess): Promise<string> {
    children.push(child);
    let output = '';
    return new Promise((resolve, reject) => {
      child.stdout?.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (/^ready: .*$/m.test(output)) resolve(output);
      });
      child.once('close', () => reject(new Error(`it ended after: ${output}`)));
    });
  }

  it.each(['SIGINT', 'SIGTERM'] as const)('serves its page until it gets %s', async (signal) => {
    const child = spawnCommand(flags(), {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: environment(),
    });
    expect(await ready(child)).toBe(`ready: playground at http://127.0.0.1:${port}/\n`);
    const page = await fetch(`http://127.0.0.1:${port}/?seed=7`);
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await page.text()).toBe('<h1>a playground</h1>');
    expect((await fetch(`http://127.0.0.1:${port}/secret`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}/`, { method: 'PUT' })).status).toBe(405);
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    expect(await exited).toBe(0);
  });

  it('ends with whoever started it', async () => {
    const command = [process.execPath, ...COMMAND, ...flags()].map((word) => `'${word}'`);
    const script = `${command.join(' ')} & echo "process $!"; wait`;
    const shell = spawn('sh', ['-c', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: environment(),
    });
    const pid = Number(/^process (\d+)$/m.exec(await ready(shell))?.[1]);
    shell.kill('SIGKILL');
    await allGone([pid], 5_000);
  });
});
