/** How a client's calls end before their time, or not before it, and what is no call at all. */
import { describe, expect, test } from 'vitest';
import { type ConnectOptions, connect, type HttpRequest } from '../../src/client/index.ts';
import { answer, ScriptedServers } from './scripted-servers.ts';

const ENDPOINTS = ['http://a:1', 'http://b:2', 'http://c:3'] as const;
const opened = answer(201, { session: 41, expiresAfterMs: 3_600_000 });
const isOpening = ({ path, method }: HttpRequest) => path === '/v1/sessions' && method === 'POST';

function setUp(options: Partial<ConnectOptions> = {}) {
  const servers = new ScriptedServers();
  const { clock } = servers;
  const random = { next: () => 0.5 };
  const client = connect({ endpoints: ENDPOINTS, http: servers, clock, random, ...options });
  return { servers, client };
}

const methodsOf = ({ exchanges }: ScriptedServers) =>
  exchanges.map(({ request }) => request.method);

describe('timeouts', () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1])(
    'of %d ms are misuse',
    async (timeoutMs) => {
      expect(() => setUp({ timeoutMs })).toThrow(/^timeoutMs must be a number of milliseconds/);
      const attemptTimeoutMs = timeoutMs;
      expect(() => setUp({ attemptTimeoutMs })).toThrow(/^attemptTimeoutMs must be/);
      const { servers, client } = setUp();
      await expect(client.put('k', 'v', { timeoutMs })).rejects.toThrow(TypeError);
      await expect(client.get('k', { timeoutMs })).rejects.toThrow(TypeError);
      await expect(client.status({ timeoutMs })).rejects.toThrow(TypeError);
      expect(servers.exchanges).toEqual([]);
    },
  );

  test('longer than a timer can be set for are not over at once', async () => {
    const { servers, client } = setUp({ timeoutMs: 30 * 24 * 60 * 60 * 1000 });
    const { clock } = servers;
    const delays: number[] = [];
    const setTimeout = clock.setTimeout.bind(clock);
    clock.setTimeout = (callback, delayMs = 0) => {
      delays.push(delayMs);
      return setTimeout(callback, delayMs);
    };
    servers.script = (request) => (isOpening(request) ? opened : answer(200, { revision: 1 }));
    await servers.settle(client.put('k', 'v'));
    expect(Math.max(...delays)).toBeGreaterThan(20 * 24 * 60 * 60 * 1000);
    expect(Math.max(...delays)).toBeLessThan(2 ** 31);
  });
});

/** The session has just been opened for it; some microtasks later it is under way. */
async function justOpened(microtasks: number, signal?: AbortSignal) {
  const { servers, client } = setUp();
  const call = client.put('k', 'v', signal && { signal });
  servers.exchanges[0]?.end(opened);
  for (let passed = 0; passed < microtasks; passed += 1) await Promise.resolve();
  return { servers, client, call };
}

// A place is given in one microtask and taken in another: no instant is without an ear.
describe.each(Array.from({ length: 10 }, (_, at) => at))(
  '%i microtasks after its session',
  (at) => {
    test('a command hears its signal', async () => {
      const controller = new AbortController();
      const { servers, call } = await justOpened(at, controller.signal);
      const wasSent = methodsOf(servers).includes('PUT');
      controller.abort();
      const outcome = wasSent ? 'unknown' : 'refused';
      expect(await servers.settle(call)).toMatchObject({ outcome, reason: 'cancelled' });
      expect(methodsOf(servers).includes('PUT')).toBe(wasSent);
      expect(servers.clock.now()).toBe(0);
    });

    test('a command is not sent behind the closing of its session', async () => {
      const { servers, client, call } = await justOpened(at);
      const before = methodsOf(servers);
      const closed = client.close();
      expect(await call).toMatchObject({ reason: 'cancelled' });
      await servers.settle(closed);
      expect(methodsOf(servers).slice(before.length)).not.toContain('PUT');
    });
  },
);

test('who came later waits for an own deadline, not for that of the first', async () => {
  const { servers, client } = setUp();
  // One is not believed, which is worth a note; the others may get well.
  servers.codes = { refused: 'CERT_HAS_EXPIRED' };
  servers.script = ({ endpoint }) => (endpoint === ENDPOINTS[0] ? 'refused' : 'lost');
  const first = client.put('k', 'v', { timeoutMs: 200 });
  await servers.runFor(100);
  const second = client.put('k', 'w', { timeoutMs: 5_000 });
  const refused = await servers.settle(first);
  expect(refused).toMatchObject({ outcome: 'refused', message: expect.stringMatching(/expired/) });
  servers.script = (request) => (isOpening(request) ? opened : answer(200, { revision: 1 }));
  expect(await servers.settle(second)).toMatchObject({ outcome: 'applied' });
});
