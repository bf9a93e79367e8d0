/** Whatever stands at some of its endpoints, a client asks the others in time. */
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it, test } from 'vitest';
import { connect, type ExchangeResult, type HttpRequest } from '../../src/client/index.ts';
import { nodeHttpPort } from '../../src/node/http-port.ts';
import { answer, errorAnswer, ScriptedServers } from './scripted-servers.ts';

const ENDPOINTS = ['http://a:1', 'http://b:2', 'http://c:3'];
const good = answer(200, { items: [], next: null, revision: 1 });

/** How the first two endpoints are: `null` never ends. */
const TROUBLES: Readonly<Record<string, ExchangeResult | null>> = {
  'take a request and never answer': null,
  'are not there': 'refused',
  'break off': 'lost',
  'know no leader': errorAnswer(503, 'no_leader'),
  'are stopping': errorAnswer(503, 'stopping'),
};

const READS = {
  'a stale get': (client) => client.get('k', { consistency: 'stale' }),
  'a get': (client) => client.get('k'),
  'a list': (client) => client.list(),
} satisfies Record<string, (client: ReturnType<typeof connect>) => Promise<unknown>>;

describe.each([200, 1_000, 5_000])('within %i ms', (timeoutMs) => {
  describe.each(Object.entries(TROUBLES))('when two of three %s', (_, trouble) => {
    function setUp(session: boolean) {
      const servers = new ScriptedServers();
      servers.script = ({ endpoint, path }: HttpRequest) => {
        if (endpoint !== ENDPOINTS[2]) return trouble;
        return path === '/v1/sessions' ? answer(201, { session: 1 }) : good;
      };
      const random = { next: () => 0.5 };
      const options = { http: servers, clock: servers.clock, random, timeoutMs, session };
      return { servers, client: connect({ endpoints: ENDPOINTS, ...options }) };
    }

    it.each(Object.entries(READS))('%s is answered by the third', async (_name, read) => {
      const { servers, client } = setUp(false);
      expect(await servers.settle(read(client) as Promise<unknown>)).toMatchObject({
        outcome: 'applied',
      });
      expect(servers.clock.now()).toBeLessThan(timeoutMs);
    });

    it('a session is opened at the third, and a write is made there', async () => {
      const { servers, client } = setUp(true);
      expect(await servers.settle(client.put('k', 'v'))).toMatchObject({ outcome: 'applied' });
    });
  });
});

describe('a write without a session', () => {
  let silent: Server | null = null;
  afterEach(() => silent?.close());

  test('goes on to the next server when no connection comes about, since nothing was sent', async () => {
    const sockets: { destroy(): void }[] = [];
    silent = createServer((socket) => sockets.push(socket));
    await new Promise<void>((resolve) => silent?.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    // It accepts a connection and never shakes hands: as good as one that never comes about.
    const silence = `https://127.0.0.1:${port}`;
    const node = nodeHttpPort();
    const asked: string[] = [];
    const http: typeof node = {
      ...node,
      send(request, done) {
        asked.push(request.endpoint);
        if (request.endpoint === silence) return node.send(request, done);
        setImmediate(() => done(good));
        return () => true;
      },
    };
    const endpoints = [silence, 'https://b.example:1'];
    const client = connect({ endpoints, http, session: false, timeoutMs: 600 });
    expect(await client.put('k', 'v')).toMatchObject({ outcome: 'applied' });
    expect(asked).toEqual(endpoints);
    await client.close();
    for (const socket of sockets) socket.destroy();
  });
});
