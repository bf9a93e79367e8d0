/** TLS at the clients' port: who gets in, who hears why not, and what becomes of renewed files. */
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { clientRequest, serverRequest } from '../../src/certificates/requests.ts';
import { connect as connectClient, fetchPort } from '../../src/client/index.ts';
import { type NodeHttpPortOptions, nodeHttpPort } from '../../src/node/http-port.ts';
import type { AuditEvent } from '../../src/service/audit.ts';
import { limitOf } from '../../src/service/budget.ts';
import type { ServiceOptions } from '../../src/service/context.ts';
import type { Service } from '../../src/service/service.ts';
import {
  type Certified,
  certified,
  lasting,
  newAuthority,
  type TestAuthority,
} from './certified.ts';
import { ModelServer, serviceOf } from './model-server.ts';

let authority: TestAuthority;
let stranger: TestAuthority;
let own: Certified;
let alice: Certified;

beforeAll(async () => {
  [authority, stranger] = await Promise.all([newAuthority(), newAuthority()]);
  own = await certified(authority, serverRequest([{ type: 'ip', value: '127.0.0.1' }]));
  alice = await certified(authority, clientRequest('alice'));
});

let server: ModelServer;
let service: Service;
let port: number;
let heard: AuditEvent[];
const sockets: TLSSocket[] = [];

async function start(options: Partial<ServiceOptions>): Promise<void> {
  heard = [];
  server = new ModelServer();
  service = serviceOf(server, {
    advertisedClientAddress: 'https://127.0.0.1:7101',
    onAudit: (event) => heard.push(event),
    ...options,
  });
  ({ port } = await service.listen({ host: 'localhost', port: 0 }));
}

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await service.close();
});

const GET = 'GET /v1/status HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** A connection that asks for the status, and what it is told until its end. */
class Asking {
  readonly socket: TLSSocket;
  readonly told: Promise<string>;
  session: Buffer | undefined;

  constructor(options: ConnectionOptions = {}) {
    this.socket = connect({ host: '127.0.0.1', port, ca: authority.cert, ...options });
    sockets.push(this.socket);
    let text = '';
    this.socket.setEncoding('latin1').on('data', (data) => {
      text += data;
    });
    this.socket.on('session', (session) => {
      this.session = session;
    });
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      text += error.code;
    });
    this.told = new Promise((resolve) => this.socket.once('close', () => resolve(text)));
    this.socket.write(GET.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'));
  }
}
const told = (options?: ConnectionOptions) => new Asking(options).told;

describe('a server with a certificate', () => {
  beforeEach(() => start({ tls: { cert: own.cert, key: own.key } }));

  it('is asked by TLS 1.2 and 1.3, and by nothing older', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const text = await told({ minVersion: version, maxVersion: version });
      expect(text).toMatch(/^HTTP\/1.1 200 /);
    }
    const old = await told({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1' });
    expect(old).not.toContain('HTTP');
  });

  it('says to who speaks plain HTTP that it is to speak TLS', async () => {
    const socket = connectPlain(port, '127.0.0.1');
    let text = '';
    socket.setEncoding('latin1').on('data', (data) => {
      text += data;
    });
    socket.write(GET);
    await once(socket, 'end');
    expect(text).toMatch(/^HTTP\/1.1 400 .*\r\nStatecraft-Server: a\r\n.*Connection: close\r\n/s);
    expect(text).toContain('this port uses TLS: use https:// instead of http://');
    socket.destroy();
  });

  it('says what is not HTTP, inside TLS as without', async () => {
    const socket = connect({ host: '127.0.0.1', port, ca: authority.cert });
    sockets.push(socket);
    socket.write('nonsense\r\n\r\n');
    const [text] = (await once(socket.setEncoding('latin1'), 'data')) as [string];
    expect(text).toMatch(/^HTTP\/1.1 400 Bad Request/);
  });

  it('is not held up by connections that say nothing when it closes', async () => {
    const silent = connectPlain(port, '127.0.0.1');
    await once(silent, 'connect');
    const closed = once(silent, 'close');
    silent.on('error', () => {});
    await service.close();
    await closed;
  });

  it('shows a renewed one to the next connection, and goes on with those that are there', async () => {
    const kept = connect({ host: '127.0.0.1', port, ca: authority.cert });
    sockets.push(kept);
    kept.write(GET);
    await once(kept, 'data');
    const next = await certified(stranger, serverRequest([{ type: 'ip', value: '127.0.0.1' }]));
    service.renewTls({ cert: next.cert, key: next.key });
    expect(await told()).toMatch(/UNABLE_TO_|SELF_SIGNED/);
    expect(await told({ ca: stranger.cert })).toMatch(/^HTTP\/1.1 200 /);
    kept.write(GET);
    await once(kept, 'data');
  });
});

describe('a server that wants certificates of its clients', () => {
  beforeEach(() => start({ tls: { cert: own.cert, key: own.key, ca: authority.cert } }));
  const show = ({ cert, key }: Certified) => ({ cert, key });

  it('lets in who shows one of its authority', async () => {
    expect(await told(show(alice))).toMatch(/^HTTP\/1.1 200 /);
    expect(heard).toEqual([]);
  });

  const strangers: readonly (readonly [string, () => Promise<ConnectionOptions>, RegExp])[] = [
    ['none', async () => ({}), /none was shown/],
    [
      'one of another authority',
      async () => show(await certified(stranger, clientRequest('alice'))),
      /is refused: UNABLE_TO_/,
    ],
    [
      'an expired one',
      async () => show(await certified(authority, clientRequest('alice'), lasting(1, 2))),
      /is refused: CERT_HAS_EXPIRED/,
    ],
    ["a server's", async () => show(own), /is refused: INVALID_PURPOSE/],
  ];
  it.each(strangers)('tells who shows %s that it is not let in', async (_, options, why) => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const text = await told({ ...(await options()), minVersion: version, maxVersion: version });
      expect(text).toMatch(/^HTTP\/1.1 401 .*"code":"unauthenticated"/s);
      expect(text).toMatch(why);
    }
    expect(heard).toHaveLength(2);
    expect(heard[0]).toMatchObject({ event: 'refused', outcome: '401 unauthenticated' });
    expect(heard[0]?.why).toMatch(why);
  });

  it('does not take a resumed session for a certificate', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const only = { minVersion: version, maxVersion: version };
      for (const first of [{}, show(alice)]) {
        const before = new Asking({ ...only, ...first });
        await before.told;
        const { session } = before;
        const text = await told({ ...only, ...(session === undefined ? {} : { session }) });
        expect(text).toMatch(/^HTTP\/1.1 401 /);
      }
    }
  });

  it('lets in again who shows one, whatever was said before', async () => {
    for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
      const only = { minVersion: version, maxVersion: version };
      const before = new Asking({ ...only, ...show(alice) });
      await before.told;
      const { session } = before;
      const again = { ...only, ...show(alice), ...(session === undefined ? {} : { session }) };
      expect(await told(again)).toMatch(/^HTTP\/1.1 200 /);
    }
  });

  it('believes by renewed authorities from the next connection on', async () => {
    service.renewTls({ cert: own.cert, key: own.key, ca: stranger.cert });
    expect(await told(show(alice))).toMatch(/^HTTP\/1.1 401 /);
    const other = await certified(stranger, clientRequest('bob'));
    expect(await told(show(other))).toMatch(/^HTTP\/1.1 200 /);
  });
});

describe('a client', () => {
  const statusBy = async (options: NodeHttpPortOptions, address = `https://127.0.0.1:${port}`) => {
    const http = nodeHttpPort(options);
    const client = connectClient({ endpoints: [address], session: false, http });
    const put = await client.put('k', 'v');
    const [status] = await client.status();
    await client.close();
    return { put, status };
  };

  it('by TLS does what it does without, and shows its certificate', async () => {
    await start({ tls: { cert: own.cert, key: own.key, ca: authority.cert } });
    const { put, status } = await statusBy({
      ca: authority.cert,
      cert: alice.cert,
      key: alice.key,
    });
    expect(put).toMatchObject({ outcome: 'applied', result: { revision: 1 } });
    expect(status?.status).toMatchObject({ id: 'a' });
    const without = await statusBy({ ca: authority.cert });
    expect(without.put).toMatchObject({ outcome: 'refused', reason: 'unauthenticated' });
    expect(without.status?.problem).toMatch(
      /requires a certificate of its clients, and none was shown/,
    );
  });

  it('sends nothing, a token least of all, to a server that it does not believe', async () => {
    await start({ tls: { cert: own.cert, key: own.key } });
    const asked: string[] = [];
    service.app.server.prependListener('secureConnection', (socket: TLSSocket) => {
      socket.on('data', (data) => asked.push(String(data)));
    });
    const sentence = /from an unknown authority: name its file \(--tls-ca, or ca\)/;
    for (const http of [nodeHttpPort(), nodeHttpPort({ ca: stranger.cert }), fetchPort()]) {
      const endpoints = [`https://127.0.0.1:${port}`];
      const token = 'secret';
      const client = connectClient({ endpoints, session: false, http, token });
      const put = await client.put('k', 'v');
      expect(put).toMatchObject({ outcome: 'refused', reason: 'unreachable' });
      expect((put as { message: string }).message).toMatch(sentence);
      await client.close();
    }
    expect(asked).toEqual([]);
    expect(server.proposed).toEqual([]);
  });

  it('gets in though others have opened all connections there are, and say nothing', async () => {
    await start({ tls: { cert: own.cert, key: own.key }, bounds: { connections: limitOf(4) } });
    const silent = Array.from({ length: 12 }, () => connectPlain(port, '127.0.0.1'));
    for (const socket of silent) socket.on('error', () => {});
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    const { put } = await statusBy({ ca: authority.cert });
    expect(put).toMatchObject({ outcome: 'applied' });
    expect(service.inFlight.connections.replaced).toBeGreaterThanOrEqual(9);
    for (const socket of silent) socket.destroy();
  });

  it('hears that a certificate is for another name, or has expired', async () => {
    await start({ tls: { cert: own.cert, key: own.key } });
    const ca = { ca: authority.cert };
    const named = await statusBy(ca, `https://localhost:${port}`);
    expect(named.put).toMatchObject({ reason: 'unreachable' });
    expect(named.status?.problem).toMatch(/is not for that address/);
    const names = serverRequest([{ type: 'ip', value: '127.0.0.1' }]);
    const old = await certified(authority, names, lasting(1, 2));
    service.renewTls({ cert: old.cert, key: old.key });
    expect((await statusBy(ca)).status?.problem).toMatch(/has expired: it must be renewed there/);
  });

  it('hears that it is to speak plain HTTP', async () => {
    await start({});
    const { put } = await statusBy({ ca: authority.cert });
    expect(put).toMatchObject({ outcome: 'refused', reason: 'unreachable' });
    expect((put as { message: string }).message).toMatch(/does not speak TLS: use http:/);
  });
});
