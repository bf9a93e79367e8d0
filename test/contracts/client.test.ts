/** The client against servers that do as they are told, in virtual time (contracts: HTTP). */
import { describe, expect, test } from 'vitest';
import {
  type ConnectOptions,
  connect,
  type ExchangeResult,
  type HttpRequest,
} from '../../src/client/index.ts';
import { answer, errorAnswer, redirectTo, ScriptedServers } from './scripted-servers.ts';

const [A, B, C] = ['http://a:1', 'http://b:2', 'http://c:3'] as const;

function setUp(options: Partial<ConnectOptions> = {}) {
  const servers = new ScriptedServers();
  const client = connect({
    endpoints: [A, B, C],
    http: servers,
    clock: servers.clock,
    random: { next: () => 0.5 },
    ...options,
  });
  return { servers, client };
}

const opened = answer(201, { session: 41, expiresAfterMs: 3_600_000 });
const isOpening = ({ path, method }: HttpRequest) => path === '/v1/sessions' && method === 'POST';
const written = (revision: number) =>
  answer(200, { key: 'k', revision }, { 'statecraft-index': `${revision}` });
const sequencesOf = (servers: ScriptedServers) =>
  writesOf(servers).map(({ headers }) => Number(headers['Statecraft-Sequence']));
const writesOf = (servers: ScriptedServers) =>
  servers.exchanges.map(({ request }) => request).filter(({ path }) => path !== '/v1/sessions');

/** Sessions are opened at once; commands end as given. */
const opens =
  (command: (request: HttpRequest) => ExchangeResult | null) => (request: HttpRequest) =>
    isOpening(request) ? opened : command(request);

describe('calls and their answers', () => {
  test('a put opens a session with the first command and tells the revision', async () => {
    const { servers, client } = setUp();
    servers.script = opens(() => written(7));
    const outcome = await servers.settle(client.put('a/ü', 'hello', { ifRevision: 3 }));
    expect(outcome).toEqual({ outcome: 'applied', result: { revision: 7 }, index: 7 });
    expect(writesOf(servers)).toMatchObject([
      {
        method: 'PUT',
        endpoint: A,
        path: '/v1/kv/a%2F%C3%BC',
        headers: { 'If-Match': '"3"', 'Statecraft-Session': '41', 'Statecraft-Sequence': '1' },
        body: new TextEncoder().encode('hello'),
      },
    ]);
    await servers.settle(client.put('k', 'v'));
    expect(servers.exchanges.filter(({ request }) => isOpening(request))).toHaveLength(1);
    expect(sequencesOf(servers)).toEqual([1, 2]);
  });

  test('append, delete, get and list read their answers', async () => {
    const { servers, client } = setUp();
    servers.script = opens(() => answer(200, { key: 'k', revision: 5, length: 11 }));
    expect(await servers.settle(client.append('k', 'x', { ifExists: true }))).toMatchObject({
      result: { revision: 5, length: 11 },
    });
    expect(writesOf(servers).at(-1)).toMatchObject({
      method: 'POST',
      path: '/v1/kv/k/append',
      headers: { 'If-Match': '*' },
    });
    servers.script = () => errorAnswer(404, 'not_found');
    expect(await servers.settle(client.delete('k'))).toMatchObject({ result: { found: false } });
    expect(await servers.settle(client.get('k'))).toMatchObject({
      outcome: 'applied',
      result: null,
    });
    servers.script = () => answer(200, 'bytes', { etag: '"12"', 'statecraft-index': '30' });
    expect(await servers.settle(client.get('k', { consistency: 'stale' }))).toEqual({
      outcome: 'applied',
      result: { value: new TextEncoder().encode('bytes'), revision: 12 },
      index: 30,
    });
    expect(servers.exchanges.at(-1)?.request.path).toBe('/v1/kv/k?consistency=stale');
    const items = [{ key: 'p1', revision: 2, length: 3, value: 'AAH/' }];
    servers.script = () => answer(200, { items, next: 'p1' });
    const page = await servers.settle(client.list({ prefix: 'p&', limit: 1, values: true }));
    expect(page).toMatchObject({
      result: { items: [{ key: 'p1', value: Uint8Array.of(0, 1, 255) }], next: 'p1' },
    });
    expect(servers.exchanges.at(-1)?.request.path).toBe('/v1/kv?prefix=p%26&limit=1&values=true');
  });

  test.each([
    [
      errorAnswer(412, 'condition_failed', { revision: 9 }),
      { reason: 'condition-failed', revision: 9 },
    ],
    [errorAnswer(413, 'too_large'), { reason: 'too-large' }],
    [errorAnswer(410, 'session_expired'), { reason: 'session-expired' }],
    [errorAnswer(409, 'answer_discarded'), { reason: 'answer-discarded' }],
    [errorAnswer(422, 'command_failed'), { reason: 'command-failed' }],
    [errorAnswer(400, 'bad_request'), { reason: 'rejected', message: 'about bad_request' }],
    [errorAnswer(421, 'wrong_host'), { reason: 'rejected' }],
  ])('a refusal of the first copy is definite: %#', async (ending, refusal) => {
    const { servers, client } = setUp();
    servers.script = opens(() => ending);
    const outcome = await servers.settle(client.put('k', 'v'));
    expect(outcome).toMatchObject({ outcome: 'refused', ...refusal });
  });

  test.each([
    ['an empty key', (client: ReturnType<typeof connect>) => client.put('', 'v')],
    ['a key that is no text', (client: ReturnType<typeof connect>) => client.get('\ud800')],
    [
      'two conditions',
      (client: ReturnType<typeof connect>) =>
        client.put('k', 'v', { ifExists: true, ifAbsent: true }),
    ],
  ])('%s is misuse', async (_, call) => {
    await expect(call(setUp().client)).rejects.toThrow(TypeError);
  });

  test('a value over 1 MiB is not even sent', async () => {
    const { servers, client } = setUp();
    const outcome = await client.put('k', new Uint8Array(1_048_577));
    expect(outcome).toMatchObject({ outcome: 'refused', reason: 'too-large' });
    expect(servers.exchanges).toEqual([]);
  });

  test('endpoints are addresses', () => {
    expect(() => connect({ endpoints: [] })).toThrow(TypeError);
    expect(() => connect({ endpoints: ['localhost:7101'] })).toThrow(TypeError);
    expect(() => connect({ endpoints: ['http://[::1]:7101/', 'https://host'] })).not.toThrow();
  });
});

describe('the leader', () => {
  test('is found through a redirect, and remembered', async () => {
    const { servers, client } = setUp();
    servers.script = (request) => {
      if (request.endpoint !== C) return redirectTo(C);
      return isOpening(request) ? opened : written(2);
    };
    await servers.settle(client.put('k', '1'));
    await servers.settle(client.put('k', '2'));
    expect(servers.exchanges.map(({ request }) => request.endpoint)).toEqual([A, C, C, C]);
  });

  test('that dies with a command is repeated elsewhere, under the same sequence', async () => {
    const { servers, client } = setUp();
    servers.script = opens(() => written(2));
    await servers.settle(client.put('k', '1'));
    servers.script = ({ endpoint }) => {
      if (endpoint === A) return servers.exchanges.length === 3 ? 'lost' : 'refused';
      return endpoint === B ? redirectTo(C) : written(3);
    };
    expect(await servers.settle(client.put('k', '2'))).toMatchObject({ result: { revision: 3 } });
    expect(sequencesOf(servers)).toEqual([1, 2, 2, 2]);
    expect(writesOf(servers).map(({ endpoint }) => endpoint)).toEqual([A, A, B, C]);
  });

  test('missing for a while costs pauses that grow, not the command', async () => {
    const { servers, client } = setUp();
    servers.script = opens(() =>
      servers.clock.now() < 2_000 ? errorAnswer(503, 'no_leader') : written(2),
    );
    expect(await servers.settle(client.put('k', 'v'))).toMatchObject({ outcome: 'applied' });
    expect(servers.exchanges.length).toBeLessThan(40);
    expect(new Set(sequencesOf(servers))).toEqual(new Set([1]));
  });

  test('that says nothing is left for another after a while', async () => {
    const { servers, client } = setUp({ attemptTimeoutMs: 300 });
    servers.script = ({ endpoint }) => (endpoint === A ? null : answer(200, 'v', { etag: '"1"' }));
    expect(await servers.settle(client.get('k'))).toMatchObject({ outcome: 'applied' });
    expect(servers.clock.now()).toBeLessThan(320);
    expect(servers.exchanges[0]?.isAbandoned).toBe(true);
  });
});

describe('what is not known', () => {
  test('lost answers until the deadline: unknown, at the deadline', async () => {
    const { servers, client } = setUp({ timeoutMs: 1_000 });
    servers.script = opens(() => 'lost');
    const outcome = await servers.settle(client.put('k', 'v'));
    expect(outcome).toMatchObject({ outcome: 'unknown', reason: 'timed-out' });
    expect(servers.clock.now()).toBe(1_000);
    expect(new Set(sequencesOf(servers))).toEqual(new Set([1]));
  });

  test('a session that has expired on a repeat: unknown, and never under a new session', async () => {
    const { servers, client } = setUp();
    servers.script = opens(() =>
      writesOf(servers).length === 1 ? 'lost' : errorAnswer(410, 'session_expired'),
    );
    const outcome = await servers.settle(client.put('k', 'v'));
    expect(outcome).toMatchObject({ outcome: 'unknown' });
    expect(writesOf(servers)).toHaveLength(2);
    servers.script = (request) => (isOpening(request) ? answer(201, { session: 99 }) : written(8));
    await servers.settle(client.put('k', 'w'));
    expect(writesOf(servers).at(-1)?.headers).toMatchObject({
      'Statecraft-Session': '99',
      'Statecraft-Sequence': '1',
    });
  });

  test('without a session a command in doubt is sent once, and one refused is sent again', async () => {
    const { servers, client } = setUp({ session: false });
    servers.script = () => 'lost';
    expect(await servers.settle(client.put('k', 'v'))).toMatchObject({ outcome: 'unknown' });
    expect(servers.exchanges).toHaveLength(1);
    expect(servers.exchanges[0]?.request.headers).toEqual({});
    servers.script = ({ endpoint }) => (endpoint === B ? 'refused' : written(3));
    expect(await servers.settle(client.put('k', 'v'))).toMatchObject({ outcome: 'applied' });
    servers.script = () => errorAnswer(504, 'outcome_unknown');
    expect(await servers.settle(client.put('k', 'v'))).toMatchObject({
      outcome: 'unknown',
      reason: 'outcome-unknown',
    });
  });

  test('a deadline that finds the last copy without a connection: refused, unless one had left', async () => {
    const { servers, client } = setUp({ timeoutMs: 700, session: false });
    servers.isConnected = false;
    expect(await servers.settle(client.put('k', 'v'))).toMatchObject({
      outcome: 'refused',
      reason: 'unreachable',
    });
    servers.isConnected = true;
    expect(await servers.settle(client.put('k', 'v'))).toMatchObject({
      outcome: 'unknown',
      reason: 'timed-out',
    });
    const inSession = setUp({ timeoutMs: 1_000, attemptTimeoutMs: 300 });
    inSession.servers.script = opens(() => {
      inSession.servers.isConnected = writesOf(inSession.servers).length === 1;
      return inSession.servers.isConnected ? 'lost' : null;
    });
    expect(await inSession.servers.settle(inSession.client.put('k', 'v'))).toMatchObject({
      outcome: 'unknown',
    });
  });

  test('what its caller gives up before there is a connection was not sent', async () => {
    const { servers, client } = setUp({ session: false });
    servers.isConnected = false;
    const given = new AbortController();
    const outcome = client.put('k', 'v', { signal: given.signal });
    given.abort();
    expect(await servers.settle(outcome)).toMatchObject({
      outcome: 'refused',
      reason: 'cancelled',
      message: 'It was abandoned before it was sent.',
    });
  });

  test.each([
    ['unreachable', 'refused' as ExchangeResult],
    ['no-leader', errorAnswer(503, 'no_leader')],
    ['overloaded', errorAnswer(429, 'overloaded')],
  ])('only ever refused until the deadline: refused, as %s', async (reason, ending) => {
    for (const session of [true, false]) {
      const { servers, client } = setUp({ timeoutMs: 700, session });
      servers.script = () => ending;
      const outcome = await servers.settle(client.put('k', 'v'));
      expect(outcome).toMatchObject({ outcome: 'refused', reason });
      expect(servers.clock.now()).toBe(700);
    }
  });

  test('a sequence given up is skipped: the next command fences its late copies', async () => {
    const { servers, client } = setUp({ timeoutMs: 1_000 });
    servers.script = opens(() => 'lost');
    await servers.settle(client.put('k', 'v'));
    servers.script = () => written(2);
    await servers.settle(client.put('k', 'w'));
    // One is outstanding, so its own sequence is the first that is unanswered.
    expect(writesOf(servers).at(-1)?.headers).toEqual({
      'Statecraft-Session': '41',
      'Statecraft-Sequence': '2',
    });
  });
});

describe('many at once', () => {
  test('at most 64 commands are unanswered, and each tells the first of them', async () => {
    const { servers, client } = setUp();
    servers.script = opens(() => null);
    const calls = Array.from({ length: 100 }, (_, number) => client.put(`k${number}`, 'v'));
    await servers.runFor(10);
    expect(sequencesOf(servers)).toEqual(Array.from({ length: 64 }, (_, number) => number + 1));
    expect(writesOf(servers).at(-1)?.headers).toMatchObject({ 'Statecraft-First-Unanswered': '1' });

    // Later ones are answered first: the window does not move.
    for (const { request, end } of servers.exchanges.slice(2, 20)) {
      if (!isOpening(request)) end(written(1));
    }
    await servers.runFor(1);
    expect(writesOf(servers)).toHaveLength(64);

    servers.exchanges[1]?.end(written(1));
    await servers.runFor(1);
    expect(Math.max(...sequencesOf(servers))).toBe(19 + 64);
    expect(writesOf(servers).at(-1)?.headers).toMatchObject({
      'Statecraft-First-Unanswered': '20',
    });

    servers.script = () => written(2);
    for (const { end } of servers.exchanges) end(written(3));
    const outcomes = await servers.settle(Promise.all(calls));
    expect(outcomes.every(({ outcome }) => outcome === 'applied')).toBe(true);
    expect(sequencesOf(servers)).toHaveLength(100);
  });

  test('those that find no place by their deadline were never sent', async () => {
    const { servers, client } = setUp({ attemptTimeoutMs: 60_000 });
    servers.script = opens(() => null);
    for (let number = 0; number < 64; number += 1) void client.put('k', 'v', { timeoutMs: 60_000 });
    await servers.runFor(10);
    const late = client.put('late', 'v', { timeoutMs: 500 });
    expect(await servers.settle(late)).toMatchObject({ outcome: 'refused', reason: 'overloaded' });
    expect(writesOf(servers)).toHaveLength(64);
  });

  test('one that fails does not hold up the others', async () => {
    const { servers, client } = setUp({ timeoutMs: 1_000 });
    servers.script = opens(({ path }) => (path.endsWith('bad') ? 'lost' : written(1)));
    const bad = client.put('bad', 'v');
    await servers.settle(client.put('good', 'v'));
    expect(servers.clock.now()).toBeLessThan(100);
    expect(await servers.settle(bad)).toMatchObject({ outcome: 'unknown' });
  });
});

describe('giving up and closing', () => {
  test('a signal gives up: unknown once sent, refused before', async () => {
    const { servers, client } = setUp();
    servers.script = opens(() => null);
    const giveUp = new AbortController();
    const sent = client.put('k', 'v', { signal: giveUp.signal });
    await servers.runFor(10);
    giveUp.abort();
    expect(await sent).toMatchObject({ outcome: 'unknown', reason: 'cancelled' });
    expect(servers.exchanges.at(-1)?.isAbandoned).toBe(true);
    const early = await client.put('k', 'v', { signal: AbortSignal.abort() });
    expect(early).toMatchObject({ outcome: 'refused', reason: 'cancelled' });
  });

  test('closing settles everything and closes the session', async () => {
    const { servers, client } = setUp();
    servers.script = opens(({ method }) => (method === 'DELETE' ? answer(200) : null));
    const pending = client.put('k', 'v');
    await servers.runFor(10);
    await servers.settle(client.close());
    expect(await pending).toMatchObject({ outcome: 'unknown', reason: 'cancelled' });
    expect(servers.exchanges.at(-1)?.request.path).toBe('/v1/sessions/41');
    expect(servers.isClosed).toBe(true);
    await client.close();
    await expect(client.put('k', 'v')).rejects.toThrow(/closed/);
    expect(servers.clock.nextDeadline).toBe(Number.POSITIVE_INFINITY);
  });

  test('a client that is closed while it opens a session sends no command', async () => {
    const { servers, client } = setUp();
    const pending = client.put('k', 'v');
    await servers.runFor(10);
    await servers.settle(client.close());
    expect(await pending).toMatchObject({ outcome: 'refused', reason: 'cancelled' });
    expect(writesOf(servers)).toEqual([]);
  });

  test('status asks every server, and says why one does not answer', async () => {
    const { servers, client } = setUp();
    servers.script = ({ endpoint }) => {
      if (endpoint === A) return answer(200, { id: 'a', role: 'leader' });
      return endpoint === B ? 'refused' : null;
    };
    expect(await servers.settle(client.status({ timeoutMs: 250 }))).toEqual([
      { endpoint: A, status: { id: 'a', role: 'leader' }, problem: null },
      { endpoint: B, status: null, problem: 'could not be reached' },
      { endpoint: C, status: null, problem: 'did not answer within 250 ms' },
    ]);
  });
});
