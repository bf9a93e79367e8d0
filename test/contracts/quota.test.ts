/** Stored bytes have a bound: judged by the leader before it appends, and never on apply. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/client/index.ts';
import { Quota } from '../../src/host/quota.ts';
import { keyValue } from '../../src/kv/key-value.ts';
import type { KeyValueCommand } from '../../src/kv/vocabulary.ts';
import { fileStorage } from '../../src/node/file-storage.ts';
import { startServer } from '../../src/node/start-server.ts';
import { loopbackCluster } from './loopback.ts';
import { serviceOf } from './model-server.ts';

let directory: string;
const stops: (() => Promise<unknown>)[] = [];
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'statecraft-quota-'));
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
  rmSync(directory, { recursive: true });
});

const TIMING = { heartbeatIntervalMs: 10, electionTimeoutMinMs: 30, electionTimeoutMaxMs: 60 };

async function startAlone(storedBytesMax?: number) {
  const cluster = await loopbackCluster(['a']);
  const server = await startServer({
    id: 'a',
    cluster,
    bootstrap: true,
    storage: fileStorage(join(directory, 'a')),
    stateMachine: keyValue,
    ...(storedBytesMax === undefined ? {} : { storedBytesMax }),
    timing: TIMING,
  });
  stops.push(() => server.stop());
  await firstValueFrom(server.role$.pipe(filter((role) => role === 'leader')));
  return server;
}

type Alone = Awaited<ReturnType<typeof startAlone>>;
const put = (server: Alone, key: string, bytes: number) =>
  server.propose({ type: 'put', key, value: new Uint8Array(bytes) });

describe('the key/value state machine tells its size', () => {
  it('as keys and values, exactly, through every kind of write and a snapshot', async () => {
    const machine = keyValue();
    const entry = { index: 1, term: 1, time: 0 };
    const size = () => machine.size?.storedBytes();
    const write = (command: Parameters<typeof machine.apply>[0]) => {
      const grown = (size() ?? 0) + (machine.size?.growthOf(command) ?? 0);
      machine.apply(command, entry);
      expect(size()).toBe(grown);
    };
    write({ type: 'put', key: 'ä', value: 'hello' });
    expect(size()).toBe(2 + 5);
    write({ type: 'append', key: 'ä', value: ' you' });
    write({ type: 'put', key: 'ä', value: '' });
    write({ type: 'append', key: 'b', value: 'new' });
    expect(size()).toBe(2 + 1 + 3);
    const copy = keyValue();
    await copy.restore(
      (async function* () {
        yield* machine.snapshot();
      })(),
    );
    expect(copy.size?.storedBytes()).toBe(6);
    for (const key of ['ä', 'b', 'not there']) machine.apply({ type: 'delete', key }, entry);
    expect(size()).toBe(0);
  });
});

describe('a server with a quota', () => {
  it('refuses what would pass it, and goes on with deletes and reads until there is room', async () => {
    const server = await startAlone(1_000);
    expect(await put(server, 'k', 899)).toMatchObject({ outcome: 'applied' });
    expect(await put(server, 'l', 100)).toMatchObject({
      outcome: 'refused',
      reason: 'quota-exceeded',
      retry: false,
      message: expect.stringMatching(
        /^900 bytes .* 101 more would exceed the quota of 1000: delete/,
      ),
    });
    expect(await put(server, 'k', 500)).toMatchObject({ outcome: 'applied' });
    expect(await put(server, 'k', 999)).toMatchObject({ outcome: 'applied' });
    expect(await put(server, 'k', 1_000)).toMatchObject({ reason: 'quota-exceeded' });
    expect(await server.query({ type: 'get', key: 'k' })).toMatchObject({ outcome: 'applied' });
    expect(await server.propose({ type: 'delete', key: 'k' })).toMatchObject({
      outcome: 'applied',
    });
    expect(await put(server, 'l', 999)).toMatchObject({ outcome: 'applied' });
    expect(server.status().quota).toEqual({ storedBytes: 1_000, storedBytesMax: 1_000 });
  });

  it('counts what is under way, so that a burst does not pass it', async () => {
    const server = await startAlone(1_000);
    const burst = await Promise.all(
      Array.from({ length: 50 }, (_, at) => put(server, `k${at % 10}-${at}`, 95)),
    );
    expect(burst.filter(({ outcome }) => outcome === 'applied').length).toBeGreaterThan(5);
    expect(server.status().quota.storedBytes).toBeLessThanOrEqual(1_000);
  });

  it('tells a repeat in its session the first answer all the same', async () => {
    const server = await startAlone(1_000);
    const opened = await server.openSession();
    if (opened.outcome !== 'applied') throw new Error('it is alone');
    const { session } = opened.result;
    const command = { type: 'append', key: 'k', value: new Uint8Array(900) } as const;
    const first = await server.propose(command, { session: { session, sequence: 1 } });
    expect(first).toMatchObject({ outcome: 'applied' });
    expect(await server.propose(command, { session: { session, sequence: 1 } })).toEqual(first);
    const next = await server.propose(command, { session: { session, sequence: 2 } });
    expect(next).toMatchObject({ reason: 'quota-exceeded' });
  });

  it('says so over HTTP as 507, which a client of ours takes for definitely not applied', async () => {
    const server = await startAlone(1_000);
    const service = serviceOf(server, { advertisedClientAddress: 'http://127.0.0.1:1' });
    stops.push(() => service.close());
    const { port } = await service.listen({ host: '127.0.0.1', port: 0 });
    const client = connect({ endpoints: [`http://127.0.0.1:${port}`] });
    stops.push(() => client.close());
    expect(await client.put('k', new Uint8Array(2_000))).toMatchObject({
      outcome: 'refused',
      reason: 'quota-exceeded',
      message: expect.stringMatching(/quota of 1000.*nothing was changed/),
    });
    const answer = await fetch(`http://127.0.0.1:${port}/v1/kv/k`, {
      method: 'PUT',
      body: new Uint8Array(2_000),
    });
    expect(answer.status).toBe(507);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toMatch(/^kv_stored_bytes 0$/m);
    expect(metrics).toMatch(/^kv_stored_bytes_max 1000$/m);
  });

  it('applies what another server has accepted, whatever its own quota', () => {
    const machine = keyValue();
    machine.apply(
      { type: 'put', key: 'k', value: 'more than that' },
      { index: 1, term: 1, time: 0 },
    );
    const quota = new Quota({
      storedBytesMax: 5,
      stateMachine: machine as never,
      unappliedBytes: () => 0,
      isAnswered: () => false,
    });
    expect(quota.status).toEqual({ storedBytes: 15, storedBytesMax: 5 });
    expect(refusalOf(quota, { type: 'delete', key: 'k' })).toBeNull();
    expect(refusalOf(quota, { type: 'put', key: 'k', value: 'less' })).toBeNull();
    expect(refusalOf(quota, { type: 'append', key: 'k', value: 'x' })).toMatch(/1 more/);
  });
});

/** Why the quota refuses that command; null when it does not. */
function refusalOf(quota: Quota, command: KeyValueCommand): string | null {
  return quota.refusal(
    quota.growthOf(() => command),
    undefined,
  );
}

it('what another leader has put into the log counts before it is applied', () => {
  const quota = new Quota({
    storedBytesMax: 100,
    stateMachine: keyValue() as never,
    unappliedBytes: () => 95,
    isAnswered: () => false,
  });
  expect(refusalOf(quota, { type: 'put', key: 'k', value: '12345' })).toMatch(/^95 bytes/);
  expect(refusalOf(quota, { type: 'put', key: 'k', value: '1234' })).toBeNull();
});

describe('a quota that cannot be kept is refused at the start', () => {
  const sized = keyValue() as never;
  const options = { stateMachine: sized, unappliedBytes: () => 0, isAnswered: () => false };

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])('%s bytes', (storedBytesMax) => {
    expect(() => new Quota({ ...options, storedBytesMax })).toThrow(TypeError);
  });

  it('for a state machine that does not tell its size', () => {
    const stateMachine = { ...keyValue(), size: undefined } as never;
    expect(() => new Quota({ ...options, stateMachine, storedBytesMax: 5 })).toThrow(
      /reports its size/,
    );
  });
});
