/** What a server tells its embedder of itself: figures, and whether it can serve. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyValue } from '../../src/kv/index.ts';
import { fileStorage } from '../../src/node/file-storage.ts';
import { startServer } from '../../src/node/start-server.ts';
import type { Metric } from '../../src/ports/metrics.ts';
import type { KeyValueServer } from '../../src/service/context.ts';
import { serviceOf } from './model-server.ts';

let directory = '';
let server: KeyValueServer;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'statecraft-figures-'));
  server = await startServer({
    id: 'a',
    cluster: { a: 'ws://127.0.0.1:0' },
    bootstrap: true,
    storage: fileStorage(directory),
    stateMachine: keyValue,
    storedBytesMax: 1_000,
  });
});
afterEach(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true });
});

async function write(): Promise<void> {
  await firstValueFrom(server.role$.pipe(filter((role) => role === 'leader')));
  const put = await server.propose({ type: 'put', key: 'k', value: 'value' });
  expect(put.outcome).toBe('applied');
}

const figure = (metrics: readonly Metric[], name: string) =>
  metrics.find((metric) => metric.name === name)?.value;

describe('the figures of a server', () => {
  it('are plain numbers of one moment, and grow with what it does', async () => {
    const before = server.metrics();
    await write();
    const after = server.metrics();
    expect(figure(before, 'raft_leader_changes_seen_total')).toBe(0);
    expect(figure(after, 'raft_leader_changes_seen_total')).toBe(1);
    expect(figure(after, 'raft_is_leader')).toBe(1);
    expect(figure(after, 'raft_applied_index')).toBe(server.status().appliedIndex);
    expect(figure(after, 'raft_wal_write_seconds_total')).toBeGreaterThan(0);
    expect(figure(after, 'raft_stored_bytes')).toBe(6);
    expect(figure(after, 'raft_stored_bytes_max')).toBe(1_000);
    const states = after.filter(({ name }) => name === 'raft_state');
    expect(states.map(({ labels, value }) => [labels.state, value])).toContainEqual(['leader', 1]);
    for (const { value, help } of after) {
      expect(Number.isFinite(value)).toBe(true);
      expect(help).toMatch(/^[A-Z].*[a-z]\.$/);
    }
  });

  it('name their unit, where Prometheus wants one at the end', () => {
    const units = ['seconds', 'bytes', 'entries'] as const;
    for (const { name, unit, kind } of server.metrics()) {
      const named = units.find((one) => new RegExp(`_${one}(?:_total|_max)?$`).test(name));
      if (named !== undefined) expect(`${name}: ${unit}`).toBe(`${name}: ${named}`);
      expect(name.endsWith('_total')).toBe(kind === 'counter');
    }
  });

  it('are what /metrics says, each of them, with the same kind and value', async () => {
    await write();
    const service = serviceOf(server);
    const { body } = await service.app.inject({
      url: '/metrics',
      headers: { host: '127.0.0.1:7101' },
    });
    await service.close();
    const lines = body.split('\n');
    for (const { name, kind, value, labels } of server.metrics()) {
      const shown = name.replace('raft_stored', 'kv_stored');
      const [label] = Object.entries(labels);
      const sample = label === undefined ? shown : `${shown}{${label[0]}="${label[1]}"}`;
      expect(lines).toContain(`# TYPE ${shown} ${kind}`);
      expect(lines).toContain(`${sample} ${value}`);
    }
  });
});

describe('a server is ready', () => {
  it('when it can serve, and says by its checks when it cannot', async () => {
    await write();
    expect(server.readiness()).toEqual({
      isReady: true,
      checks: [
        { name: 'running', reason: null },
        { name: 'leader_known', reason: null },
        { name: 'caught_up', reason: null },
        { name: 'storage_writable', reason: null },
        { name: 'member', reason: null },
        { name: 'accepting', reason: null },
      ],
    });
    const stopped = server.stop();
    expect(server.readiness().isReady).toBe(false);
    expect(server.readiness().checks).toContainEqual({
      name: 'accepting',
      reason: 'the server is stopping',
    });
    await stopped;
  });
});
