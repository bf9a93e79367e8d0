/** A supervised server comes back by itself: after kills, after an outage, and once it is repaired. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { built } from './built-command.ts';
import { RunningCluster } from './running-cluster.ts';

let cluster: RunningCluster | null = null;

afterEach(async () => {
  await cluster?.stop();
  cluster = null;
});

async function start(...nodeFlags: readonly string[]): Promise<RunningCluster> {
  cluster = await RunningCluster.start({ servers: 1, nodeFlags });
  return cluster;
}

/** Kills the server and waits until it serves again; resolves with what was said meanwhile. */
async function killed(running: RunningCluster): Promise<string> {
  const from = running.output.length;
  process.kill(await running.pidOf('a'), 'SIGKILL');
  await running.says(/^ready: /m, from);
  return running.output.slice(from);
}

describe('a supervised server', () => {
  it('that is killed again and again is started again within a second', async () => {
    const running = await start();
    const waits = [await killed(running), await killed(running), await killed(running)].map(
      (said) => Number(/has ended \(SIGKILL\); it is restarted in (\d+) ms/.exec(said)?.[1]),
    );
    expect(Math.min(...waits)).toBeGreaterThan(0);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1_000);
  });

  it('is back after an outage of its disk that outlasts several starts', async () => {
    const running = await start('--import', built('outage-disk'));
    const from = running.output.length;
    const sign = join(running.directory, 'outage');
    await writeFile(sign, '');
    await fetch(`${running.endpoints[0]}/v1/kv/k`, { method: 'PUT', body: 'v' }).catch(() => {});
    await running.says(/^server a: stops, because it failed: .*EIO/m, from);
    await running.says(/^statecraft: server a cannot start: .*EIO.*; it is retried until/m, from);
    await rm(sign);
    await running.says(/^ready: leader a/m, from);
  });

  it('whose data is damaged says so once, and starts when it was put back', async () => {
    const running = await start();
    const identity = join(running.directory, 'a', 'identity');
    const whole = await readFile(identity);
    await writeFile(identity, 'rot');
    const from = running.output.length;
    process.kill(await running.pidOf('a'), 'SIGKILL');
    await running.says(
      /^statecraft: server a cannot start: .*damaged.*; it stays down until/m,
      from,
    );
    await running.says(/^no majority: a is down/m, from);
    await writeFile(identity, whole);
    await running.says(/^ready: leader a/m, from);
    expect(running.output.slice(from).match(/cannot start/g)).toHaveLength(1);
  });
});
