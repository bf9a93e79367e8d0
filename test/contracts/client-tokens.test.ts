/** A client with a token: who is shown it, who is not, and what its caller hears. In virtual time. */
import { describe, expect, test } from 'vitest';
import { type ConnectOptions, connect, type HttpRequest } from '../../src/client/index.ts';
import { answer, errorAnswer, redirectTo, ScriptedServers } from './scripted-servers.ts';

const [A, B, C, EVIL] = ['http://a:1', 'http://b:2', 'http://c:3', 'http://evil:6'] as const;
const members = (...addresses: readonly string[]) =>
  answer(200, { members: addresses.map((clientAddress) => ({ clientAddress })) });
const written = answer(200, { key: 'k', revision: 7 });

function setUp(options: Partial<ConnectOptions> = {}) {
  const servers = new ScriptedServers();
  const client = connect({
    endpoints: [A],
    session: false,
    token: 'secret',
    timeoutMs: 2_000,
    http: servers,
    clock: servers.clock,
    random: { next: () => 0.5 },
    ...options,
  });
  return { servers, client };
}

const shown = (servers: ScriptedServers) =>
  servers.exchanges.map(({ request: { method, endpoint, path, headers } }) => {
    return `${method} ${endpoint}${path} ${headers.Authorization ?? 'without'}`;
  });
const isStatus = ({ path }: HttpRequest) => path === '/v1/status';

/** Whether that server was asked anything, however often. */
const asked = (servers: ScriptedServers, endpoint: string) =>
  servers.exchanges.some(({ request }) => request.endpoint === endpoint);

describe('a token', () => {
  test('is shown with every request', async () => {
    const { servers, client } = setUp({ session: true });
    servers.script = ({ path }) =>
      path === '/v1/sessions' ? answer(201, { session: 4 }) : written;
    await servers.settle(client.put('k', 'v'));
    await servers.settle(client.get('k'));
    await servers.settle(client.status());
    await servers.settle(client.close());
    expect(shown(servers)).toEqual([
      'POST http://a:1/v1/sessions Bearer secret',
      'PUT http://a:1/v1/kv/k Bearer secret',
      'GET http://a:1/v1/kv/k Bearer secret',
      'GET http://a:1/v1/status Bearer secret',
      'DELETE http://a:1/v1/sessions/4 Bearer secret',
    ]);
  });

  test('goes over TLS however its scheme is spelled', async () => {
    const { servers, client } = setUp({ endpoints: ['HTTPS://A:1'] });
    servers.script = () => written;
    await servers.settle(client.put('k', 'v'));
    expect(shown(servers)).toEqual(['PUT https://a:1/v1/kv/k Bearer secret']);
  });

  test('may be another one each time', async () => {
    let number = 0;
    const { servers, client } = setUp({ token: async () => `secret-${++number}` });
    servers.script = () => written;
    await servers.settle(client.put('k', 'v'));
    await servers.settle(client.put('k', 'v'));
    expect(shown(servers)).toEqual([
      'PUT http://a:1/v1/kv/k Bearer secret-1',
      'PUT http://a:1/v1/kv/k Bearer secret-2',
    ]);
  });

  test.each([
    ['fails', () => Promise.reject(new Error('no'))],
    ['gives none', () => ''],
    ['gives two lines', () => 'a\r\nX: b'],
  ])('is not sent when its function %s, and nothing else is either', async (_, token) => {
    const { servers, client } = setUp({ token });
    const outcome = await servers.settle(client.put('k', 'v'));
    expect(outcome).toMatchObject({
      outcome: 'refused',
      reason: 'unreachable',
      message: 'There is no token to show: the token function returned none.',
    });
    expect(servers.exchanges).toEqual([]);
  });

  test.each(['', 'two words', 'a\nb'])('that is none is misuse: "%s"', (token) => {
    expect(() => setUp({ token })).toThrow(TypeError);
  });

  test.each([
    [401, 'unauthenticated'],
    [403, 'forbidden'],
  ])('that is refused with %i is told so at once', async (status, code) => {
    const { servers, client } = setUp();
    servers.script = () => errorAnswer(status, code);
    const outcome = await servers.settle(client.put('k', 'v'));
    expect(outcome).toEqual({ outcome: 'refused', reason: code, message: `about ${code}` });
    expect(servers.exchanges).toHaveLength(1);
  });
});

describe('a redirect', () => {
  test('to an endpoint of ours is followed with the token', async () => {
    const { servers, client } = setUp({ endpoints: [A, B] });
    servers.script = ({ endpoint }) => (endpoint === A ? redirectTo(B) : written);
    expect(await servers.settle(client.put('k', 'v'))).toMatchObject({ outcome: 'applied' });
    expect(shown(servers).at(-1)).toBe('PUT http://b:2/v1/kv/k Bearer secret');
    expect(servers.exchanges).toHaveLength(2);
  });

  test('to a member that the server names is followed with the token, and asked about once', async () => {
    const { servers, client } = setUp();
    servers.script = (request) => {
      if (isStatus(request)) return members(A, `${B}/`, C);
      return request.endpoint === A ? redirectTo(B) : written;
    };
    expect(await servers.settle(client.put('k', 'v'))).toMatchObject({ outcome: 'applied' });
    servers.script = ({ endpoint }) => (endpoint === B ? redirectTo(C) : written);
    expect(await servers.settle(client.put('k', 'v'))).toMatchObject({ outcome: 'applied' });
    expect(shown(servers)).toEqual([
      'PUT http://a:1/v1/kv/k Bearer secret',
      'GET http://a:1/v1/status Bearer secret',
      'PUT http://a:1/v1/kv/k Bearer secret',
      'PUT http://b:2/v1/kv/k Bearer secret',
      'PUT http://b:2/v1/kv/k Bearer secret',
      'PUT http://c:3/v1/kv/k Bearer secret',
    ]);
  });

  test.each([
    ['to a stranger', () => members(A, B)],
    ['when the server does not say who is a member', () => errorAnswer(503, 'stopping')],
    ['when its answer makes no sense', () => answer(200, { members: [null, 'x', {}] })],
    ['when it says nothing at all', () => null],
  ])('%s is not followed: neither token nor request leaves', async (_, status) => {
    const { servers, client } = setUp();
    servers.script = (request) => (isStatus(request) ? status() : redirectTo(EVIL));
    const outcome = await servers.settle(client.put('k', 'v'));
    expect(outcome).toMatchObject({
      outcome: 'refused',
      reason: 'redirected',
      message:
        'http://a:1 redirects to http://evil:6, which it does not name as a member, so the token was ' +
        'not sent there: add that address to the endpoints if it is yours.',
    });
    expect(asked(servers, EVIL)).toBe(false);
  });

  test('that hides a stranger behind a name of ours is not followed', async () => {
    const { servers, client } = setUp();
    servers.script = (request) =>
      isStatus(request) ? members(A) : redirectTo('http://a:1@evil:6');
    expect(await servers.settle(client.put('k', 'v'))).toMatchObject({ reason: 'redirected' });
    expect(shown(servers).filter((line) => line.includes('evil'))).toEqual([]);
  });

  test.each(['secret', undefined])(
    'from https to http is never followed, whoever it is (token: %s)',
    async (token) => {
      const options = token === undefined ? {} : { token };
      const servers = new ScriptedServers();
      const { clock } = servers;
      const endpoints = ['https://a:1', B];
      const client = connect({
        endpoints,
        session: false,
        http: servers,
        clock,
        timeoutMs: 500,
        ...options,
      });
      servers.script = ({ endpoint }) => {
        return endpoint === B ? errorAnswer(503, 'no_leader') : redirectTo(C);
      };
      await servers.settle(client.put('k', 'v'));
      expect(asked(servers, C)).toBe(false);
    },
  );

  test('leads on without a token wherever it likes, as it did', async () => {
    const servers = new ScriptedServers();
    const client = connect({ endpoints: [A], session: false, http: servers, clock: servers.clock });
    servers.script = ({ endpoint }) => (endpoint === A ? redirectTo(C) : written);
    expect(await servers.settle(client.put('k', 'v'))).toMatchObject({ outcome: 'applied' });
    expect(shown(servers)).toEqual([
      'PUT http://a:1/v1/kv/k without',
      'PUT http://c:3/v1/kv/k without',
    ]);
  });
});

describe('a server that is not believed', () => {
  test.each([
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /from an unknown authority: name its file \(--tls-ca, or ca\)/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /unknown authority/],
    ['CERT_HAS_EXPIRED', /has expired/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /is not for that address/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /does not speak TLS: use http/],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', /does not accept our certificate/],
    ['INVALID_PURPOSE', /cannot be trusted \(INVALID_PURPOSE\)/],
  ])('was sent nothing, and the caller hears why: %s', async (code, sentence) => {
    const { servers, client } = setUp({ session: true });
    servers.codes = { lost: code };
    servers.script = () => 'lost';
    const outcome = await servers.settle(client.put('k', 'v'));
    // Asking again would not change that.
    expect(servers.clock.now()).toBeLessThan(100);
    expect(outcome).toMatchObject({ outcome: 'refused', reason: 'unreachable' });
    expect((outcome as { message: string }).message).toMatch(sentence);
    const [status] = await servers.settle(client.status());
    expect(status?.problem).toMatch(sentence);
  });

  test('is told apart from one that is not there', async () => {
    const { servers, client } = setUp();
    servers.codes = { refused: 'ECONNREFUSED' };
    servers.script = () => 'refused';
    expect(await servers.settle(client.put('k', 'v'))).toMatchObject({
      reason: 'unreachable',
      message: 'No server could be reached, so nothing was sent; check the endpoints.',
    });
  });

  test('is told apart from one that broke off: that one may have been sent it', async () => {
    const { servers, client } = setUp();
    servers.codes = { lost: 'ECONNRESET' };
    servers.script = () => 'lost';
    expect(await servers.settle(client.put('k', 'v'))).toMatchObject({ outcome: 'unknown' });
  });
});
