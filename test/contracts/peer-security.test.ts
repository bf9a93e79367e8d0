/** The cluster key between real sockets: alone, under TLS, and while another one takes its place. */
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { filter, firstValueFrom, Subject, take, toArray } from 'rxjs';
import { afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { peerRequest } from '../../src/certificates/requests.ts';
import { StartError } from '../../src/host/errors.ts';
import { NO_CLUSTER_KEY } from '../../src/node/cluster-key.ts';
import {
  makeClusterKeyFile,
  readClusterKeys,
  rotateClusterKeyFile,
} from '../../src/node/cluster-key-file.ts';
import type { TlsPaths } from '../../src/node/tls-files.ts';
import type { TransportEvent } from '../../src/node/transport-log.ts';
import {
  type WebSocketTransport,
  type WebSocketTransportOptions,
  webSocketTransport,
} from '../../src/node/websocket-transport.ts';
import { identityOf } from '../../src/testing/transport-contract.ts';
import { certified, lasting, newAuthority, type TestAuthority } from './certified.ts';
import { loopbackCluster } from './loopback.ts';
import { visitor } from './peer-visitor.ts';

const limits = { dialWaitMinMs: 5, dialWaitMaxMs: 40, renewalIntervalMs: 10 };

let directory: string;
let cluster: Record<string, string>;
const made: WebSocketTransport[] = [];
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'statecraft-security-'));
  cluster = await loopbackCluster(['a', 'b']);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await Promise.all(made.splice(0).map((transport) => transport.close()));
  rmSync(directory, { recursive: true });
});

const overTls = () =>
  Object.fromEntries(Object.entries(cluster).map(([id, url]) => [id, url.replace('ws:', 'wss:')]));

interface Seen {
  readonly transport: WebSocketTransport;
  readonly events: Subject<TransportEvent>;
  /** Each time the peer came or went. */
  readonly changes: boolean[];
}

function make(id: string, options: Partial<WebSocketTransportOptions>): Seen {
  const events = new Subject<TransportEvent>();
  const onEvent = (event: TransportEvent) => events.next(event);
  const transport = webSocketTransport({ id, cluster, limits, onEvent, ...options });
  made.push(transport);
  const changes: boolean[] = [];
  transport.connections$.subscribe(({ isConnected }) => changes.push(isConnected));
  return { transport, events, changes };
}

const says = ({ events }: Seen, pattern: RegExp) =>
  firstValueFrom(events.pipe(filter(({ message }) => pattern.test(message))));

async function open(...servers: readonly Seen[]): Promise<void> {
  await Promise.all(
    servers.map(({ transport }) =>
      transport.open(identityOf((transport as unknown as { id: string }).id)),
    ),
  );
}

const connected = ({ transport }: Seen) =>
  firstValueFrom(transport.connections$.pipe(filter(({ isConnected }) => isConnected)));

async function expectTalk(a: Seen, b: Seen): Promise<void> {
  const numbers = firstValueFrom(b.transport.received$.pipe(take(3), toArray()));
  for (const number of [1, 2, 3]) {
    a.transport.send({ type: 'TimeoutNow', from: 'a', to: 'b', term: 1, requestId: number });
  }
  expect((await numbers).map((message) => message.type)).toEqual(Array(3).fill('TimeoutNow'));
}

describe.each([
  ['plain WebSockets', 'loopback'],
  ['TLS', 'tls-key'],
])('over %s', (_, kind) => {
  const place = () => (kind === 'tls-key' ? { cluster: overTls() } : {});

  test('two servers with the same key talk', async () => {
    const clusterKey = randomBytes(32);
    const a = make('a', { ...place(), clusterKey });
    const b = make('b', { ...place(), clusterKey });
    expect(a.transport.security).toBe(kind);
    const both = Promise.all([connected(a), connected(b)]);
    await open(a, b);
    await both;
    await expectTalk(a, b);
  });

  test('who has proved who it is makes room for no stranger', async () => {
    const clusterKey = randomBytes(32);
    const few = { limits: { ...limits, unauthenticatedPerAddressMax: 3 } };
    const a = make('a', { ...place(), ...few, clusterKey });
    const b = make('b', { ...place(), ...few, clusterKey });
    const both = Promise.all([connected(a), connected(b)]);
    await open(a, b);
    await both;
    const crowd = ['a', 'b'].flatMap((id) =>
      Array(5).fill(Number(new URL(cluster[id] ?? '').port)),
    );
    const tooMany = [a, b].map(({ events }) =>
      firstValueFrom(events.pipe(filter(({ message }) => /than 3 from one/.test(message)))),
    );
    const sockets = crowd.map((port) => connect(port, '127.0.0.1').on('error', () => {}));
    await Promise.all(tooMany);
    await expectTalk(a, b);
    expect([...a.changes, ...b.changes]).toEqual([true, true]);
    for (const socket of sockets) socket.destroy();
  });

  test('two with different keys do not, and both say why', async () => {
    const a = make('a', { ...place(), clusterKey: randomBytes(32) });
    const b = make('b', { ...place(), clusterKey: randomBytes(32) });
    const reason = /could not prove that it has this cluster's key|TLS fails|no TLS handshake/;
    const both = Promise.all([says(a, reason), says(b, reason)]);
    await open(a, b);
    await both;
    expect([...a.changes, ...b.changes]).toEqual([]);
  });

  test('a key is replaced step by step, and nobody loses a connection', async () => {
    const files = ['a', 'b'].map((id) => join(directory, `${id}.key`));
    const [ofA = '', ofB = ''] = files;
    makeClusterKeyFile(ofA);
    copyFileSync(ofA, ofB);
    const a = make('a', { ...place(), clusterKey: { file: ofA } });
    const b = make('b', { ...place(), clusterKey: { file: ofB } });
    const both = Promise.all([connected(a), connected(b)]);
    await open(a, b);
    await both;
    const read = () => Promise.all([says(a, /reloaded/), says(b, /reloaded/)]);
    const step = async () => {
      const isRead = read();
      rotateClusterKeyFile(ofA);
      copyFileSync(ofA, ofB);
      await isRead;
    };
    await step();
    const next = readClusterKeys(ofA)[1]?.name;
    const proved = Promise.all(
      [a, b].map((one) => says(one, new RegExp(`now proved by key ${next}`))),
    );
    await step();
    await proved;
    await step();
    await expectTalk(a, b);
    expect([...a.changes, ...b.changes]).toEqual([true, true]);
  });

  test('who holds only a key that was dropped is put out, after it could have been replaced', async () => {
    const file = join(directory, 'a.key');
    const old = join(directory, 'b.key');
    makeClusterKeyFile(file);
    copyFileSync(file, old);
    const quick = { limits: { ...limits, renewalDeadlineMs: 50 } };
    const a = make('a', { ...place(), ...quick, clusterKey: { file } });
    const stranger = make('b', { ...place(), clusterKey: { file: old } });
    const both = Promise.all([connected(a), connected(stranger)]);
    await open(a, stranger);
    await both;
    const lost = firstValueFrom(
      a.transport.connections$.pipe(filter(({ isConnected }) => !isConnected)),
    );
    const told = says(a, /could not prove|TLS fails|no TLS handshake/);
    for (const _ of ['added', 'preferred', 'dropped']) rotateClusterKeyFile(file);
    await lost;
    await told;
    expect(a.changes).toEqual([true, false]);
  });
});

describe('no way around TLS', () => {
  test('a plain WebSocket at the port of TLS is closed, and told of', async () => {
    const a = make('a', { cluster: overTls(), clusterKey: randomBytes(32) });
    await open(a);
    const told = says(a, /no TLS handshake of this cluster/);
    await visitor(cluster.a ?? '').closed;
    expect((await told).type).toBe('malformed');
  });

  test('a server without TLS is not talked to by one with it, though both have the key', async () => {
    const clusterKey = randomBytes(32);
    const a = make('a', { cluster: overTls(), clusterKey });
    const b = make('b', { clusterKey });
    const both = Promise.all([says(a, /no TLS handshake/), says(b, /not HTTP/)]);
    await open(a, b);
    await both;
    expect([...a.changes, ...b.changes]).toEqual([]);
  });
});

describe('with certificates of the cluster’s own authority', () => {
  const ids = ['a', 'b'];
  let authority: TestAuthority;
  beforeAll(async () => {
    authority = await newAuthority();
  });

  /** Written as `statecraft certificates` writes them. */
  async function files(id: string, { made = authority, clusterId = 'contract', days = 10 } = {}) {
    const validity = days > 0 ? lasting(days) : lasting(10, 20);
    const request = peerRequest(clusterId, id, []);
    const { cert, key, ca } = await certified(made, request, validity);
    const written = { cert, key, ca };
    const paths = { cert: '', key: '', ca: '' };
    for (const name of ['cert', 'key', 'ca'] as const) {
      paths[name] = join(directory, `${id}-${randomBytes(4).toString('hex')}.${name}`);
      writeFileSync(paths[name], written[name], { mode: 0o600 });
    }
    return paths;
  }

  test('two servers talk, and say how', async () => {
    const [a, b] = await Promise.all(
      ids.map(async (id) => make(id, { cluster: overTls(), peerTls: await files(id) })),
    );
    if (a === undefined || b === undefined) throw new Error('two were made');
    expect(a.transport.security).toBe('tls-certificates');
    const both = Promise.all([connected(a), connected(b)]);
    await open(a, b);
    await both;
    await expectTalk(a, b);
  });

  test('certificates are replaced while they run, more than once, and nobody loses a connection', async () => {
    const [ofA, ofB] = [await files('a'), await files('b')];
    const a = make('a', { cluster: overTls(), peerTls: ofA });
    const b = make('b', { cluster: overTls(), peerTls: ofB });
    const both = Promise.all([connected(a), connected(b)]);
    await open(a, b);
    await both;
    for (const [side, own] of [
      [a, ofA],
      [b, ofB],
      [a, ofA],
      [b, ofB],
    ] as const) {
      const next = await files(side === a ? 'a' : 'b');
      const read = says(side, /certificate was reloaded/);
      for (const name of ['cert', 'key'] as const) copyFileSync(next[name], own[name]);
      await read;
    }
    await expectTalk(a, b);
    expect([...a.changes, ...b.changes]).toEqual([true, true]);
  });

  test('who has one of an authority that was taken away is put out', async () => {
    const ofA = await files('a');
    const quick = { cluster: overTls(), limits: { ...limits, renewalDeadlineMs: 50 } };
    const a = make('a', { ...quick, peerTls: ofA });
    const b = make('b', { ...quick, peerTls: await files('b') });
    const both = Promise.all([connected(a), connected(b)]);
    await open(a, b);
    await both;
    const lost = firstValueFrom(
      a.transport.connections$.pipe(filter(({ isConnected }) => !isConnected)),
    );
    const next = await files('a', { made: await newAuthority() });
    for (const name of ['cert', 'key', 'ca'] as const) copyFileSync(next[name], ofA[name]);
    await lost;
    expect(a.changes).toEqual([true, false]);
  });

  /** Server a, and somebody who says that it is b. */
  async function expectRefused(peerTls: TlsPaths, told: RegExp): Promise<void> {
    const a = make('a', { cluster: overTls(), peerTls: await files('a') });
    await open(a);
    const heard = says(a, told);
    const [cert, key] = [peerTls.cert, peerTls.key].map((path) => readFileSync(path));
    const stranger = visitor(overTls().a ?? '', {
      keys: [NO_CLUSTER_KEY],
      connection: { cert, key, ca: authority.cert, rejectUnauthorized: false },
      channelOf: (socket) =>
        (socket as TLSSocket).exportKeyingMaterial(32, 'EXPORTER-statecraft-peer', Buffer.alloc(0)),
    });
    await heard;
    await stranger.closed;
    expect(a.changes).toEqual([]);
  }

  test('a right one of another server is not enough', async () => {
    await expectRefused(
      await files('c'),
      /Server b did not prove who it is: .*names URI:.*:c, not/,
    );
  });

  test('ids are compared exactly: B is not b', async () => {
    await expectRefused(await files('B'), /Server b did not prove who it is/);
  });

  test('nor one of the same server in another cluster of the same authority', async () => {
    const other = await files('b', { clusterId: 'another' });
    await expectRefused(other, /Server b did not prove who it is: .*another:b/);
  });

  test('nor one of another authority', async () => {
    const foreign = await files('b', { made: await newAuthority() });
    await expectRefused(foreign, /no TLS handshake of this cluster \(\w+/);
  });

  test('nor one that has expired', async () => {
    await expectRefused(await files('b', { days: -1 }), /\(CERT_HAS_EXPIRED\)/);
  });

  test('nor none at all, though the code of the handshake needs no key then', async () => {
    const a = make('a', { cluster: overTls(), peerTls: await files('a') });
    await open(a);
    const heard = says(a, /no TLS handshake of this cluster/);
    const stranger = visitor(overTls().a ?? '', {
      keys: [NO_CLUSTER_KEY],
      connection: { rejectUnauthorized: false },
    });
    await heard;
    await stranger.closed;
  });

  test('nor is one of another authority dialled where the environment says that all are welcome', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    const { cert, key } = await certified(await newAuthority(), peerRequest('contract', 'b', []));
    const rogue = createServer({ cert, key });
    const believed = new Promise<string>((resolve) =>
      rogue.on('upgrade', (_, socket) => {
        socket.destroy();
        resolve('it was believed');
      }),
    );
    await new Promise<void>((resolve) =>
      rogue.listen(Number(new URL(cluster.b ?? '').port), '127.0.0.1', resolve),
    );
    const a = make('a', { cluster: overTls(), peerTls: await files('a') });
    const told = firstValueFrom(a.events.pipe(filter(({ type }) => type === 'unreachable')));
    await open(a);
    const outcome = await Promise.race([believed, told.then(({ message }) => message)]);
    expect(outcome).toMatch(/Server b cannot be reached .*certificate/);
    rogue.close();
  });

  test('its own certificate names the server, or it does not start', async () => {
    const a = make('a', { cluster: overTls(), peerTls: await files('b') });
    await expect(open(a)).rejects.toThrow(
      /No peer of server a would accept .*certificates peer --id a/,
    );
  });
});

describe('what does not fit is refused at the start', () => {
  const beyond = { a: 'ws://192.0.2.1:1', b: 'ws://192.0.2.2:1' };
  const secure = { a: 'wss://192.0.2.1:1', b: 'wss://192.0.2.2:1' };
  const clusterKey = randomBytes(32);

  test.each<[string, Partial<WebSocketTransportOptions>, RegExp]>([
    [
      'ws:// beyond this machine',
      { cluster: beyond, clusterKey },
      /write wss:\/\/.*--peer-plaintext/,
    ],
    [
      'listening for ws:// on every interface',
      { listen: { host: '0.0.0.0', port: 1 }, clusterKey },
      /0\.0\.0\.0 is not a loopback address/,
    ],
    ['servers of other machines without a key', { cluster: secure }, /need this cluster's key/],
    ['both ways at once', { cluster: { ...secure, b: 'ws://127.0.0.1:1' }, clusterKey }, /1 of 2/],
    ['certificates for ws://', { peerTls: { cert: 'c', key: 'k', ca: 'a' } }, /write wss:/],
    ['a passphrase', { clusterKey: Buffer.from('secret') }, /32 random bytes, not 6/],
    ['no key at all', { clusterKey: [] }, /holds no key/],
    [
      'a file that is not there',
      { clusterKey: { file: '/nowhere/key' } },
      /There is no cluster key/,
    ],
  ])('%s', (_, options, reason) => {
    const start = () => make('a', options);
    expect(start).toThrow(StartError);
    expect(start).toThrow(reason);
  });

  test('unless plaintext is asked for by name, which is told of in status', () => {
    const { transport } = make('a', { cluster: beyond, clusterKey, peerPlaintext: true });
    expect(transport.security).toBe('plaintext');
  });
});
