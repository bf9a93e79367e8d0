/** A client and its streams: when they are used, when HTTP is, and what a broken one means. */
import { describe, expect, it } from 'vitest';
import { type ConnectOptions, connect } from '../../src/client/index.ts';
import { answer } from './scripted-servers.ts';
import { type HeldStream, ScriptedStreams } from './scripted-streams.ts';

const A = 'http://a:1';
const B = 'http://b:2';

function setUp(options: Partial<ConnectOptions> = {}) {
  const servers = new ScriptedStreams();
  servers.script = () => answer(200, { key: 'k', revision: 1 });
  servers.onOpened = (stream) => stream.welcome();
  const client = connect({
    ...{ endpoints: [A], session: false, timeoutMs: 2_000, http: servers },
    ...{ clock: servers.clock, random: { next: () => 0.5 }, ...options },
  });
  return { servers, client };
}

/** Answers whatever is asked of it, as soon as it is. */
function answering(how: (stream: HeldStream, request: number) => void) {
  return (stream: HeldStream) => {
    const seen = new Set<number>();
    const look = () => {
      for (const request of stream.asked) {
        if (seen.has(request)) continue;
        seen.add(request);
        how(stream, request);
      }
    };
    const { messages } = stream;
    const push = messages.push.bind(messages);
    messages.push = (...more) => {
      const length = push(...more);
      queueMicrotask(look);
      return length;
    };
    stream.welcome();
  };
}

const writes = answering((stream, request) => stream.written(request));

describe('a client', () => {
  it('asks in a stream, which it opens at the first request, with its token in the hello', async () => {
    const { servers, client } = setUp({ token: 'secret', endpoints: ['https://a:1'] });
    servers.onOpened = writes;
    const outcome = await servers.settle(client.put('k', 'v'));
    expect(outcome).toEqual({ outcome: 'applied', result: { revision: 7 }, index: 9 });
    const [stream] = servers.streams;
    expect(stream?.request.address).toBe('wss://a:1/v1/stream');
    expect(stream?.token).toBe('secret');
    expect(servers.exchanges).toEqual([]);
    expect(stream?.isBusy).toBe(false);
    await servers.settle(client.close());
    expect(stream?.isClosed).toBe(true);
  });

  it('sends the requests of a turn as one message, and takes answers in any order', async () => {
    const { servers, client } = setUp();
    servers.onOpened = writes;
    await servers.settle(client.put('k', 'v'));
    const [stream] = servers.streams as [HeldStream];
    stream.messages.push = Array.prototype.push;
    const before = stream.messages.length;
    const puts = [1, 2, 3].map((value) => client.put('k', `${value}`));
    while (stream.asked.length < 4) await Promise.resolve();
    expect(stream.messages).toHaveLength(before + 1);
    for (const request of [4, 2, 3]) stream.written(request, 10 * request);
    const revisions = (await Promise.all(puts)).map(
      (outcome) => outcome.outcome === 'applied' && outcome.result.revision,
    );
    expect(revisions).toEqual([20, 30, 40]);
  });

  it('keeps within what the welcome permits', async () => {
    const { servers, client } = setUp();
    servers.onOpened = (stream) => stream.welcome(2);
    const puts = Array.from({ length: 5 }, () => client.put('k', 'v'));
    const settled = servers.settle(Promise.all(puts));
    const until = async (count: number) => {
      for (;;) {
        const asked = servers.streams[0]?.asked ?? [];
        if (asked.length >= count) return asked;
        await new Promise((next) => setImmediate(next));
      }
    };
    expect(await until(2)).toEqual([1, 2]);
    servers.streams[0]?.written(1);
    expect(await until(3)).toEqual([1, 2, 3]);
    for (const request of [2, 3, 4, 5]) {
      await until(request);
      servers.streams[0]?.written(request);
    }
    expect((await settled).map(({ outcome }) => outcome)).toEqual(Array(5).fill('applied'));
  });
});

describe('HTTP takes over', () => {
  it('where a stream cannot be opened; it is tried again later, less and less often', async () => {
    const { servers, client } = setUp();
    servers.onOpened = (stream) => stream.break();
    const opened = async (afterMs: number) => {
      const until = servers.clock.now() + afterMs;
      const wait = new Promise<void>((resolve) => servers.clock.setTimeout(resolve, afterMs));
      await servers.settle(wait);
      expect(servers.clock.now()).toBeGreaterThanOrEqual(until);
      const outcome = await servers.settle(client.put('k', 'v'));
      expect(outcome).toMatchObject({ outcome: 'applied', result: { revision: 1 } });
      return servers.streams.length;
    };
    expect(await opened(0)).toBe(1);
    expect(await opened(400)).toBe(1);
    expect(await opened(150)).toBe(2);
    expect(await opened(900)).toBe(2);
    expect(await opened(150)).toBe(3);
    for (let failures = 0; failures < 10; failures += 1) await opened(60_001);
    expect(servers.streams).toHaveLength(13);
    servers.onOpened = writes;
    await servers.settle(new Promise<void>((resolve) => servers.clock.setTimeout(resolve, 60_001)));
    expect(await servers.settle(client.put('k', 'v'))).toMatchObject({ result: { revision: 7 } });
  });

  it('while one takes its time, and the stream takes over when it is there', async () => {
    const { servers, client } = setUp();
    servers.onOpened = () => {};
    const first = await servers.settle(client.put('k', 'v'));
    expect(first).toMatchObject({ result: { revision: 1 } });
    expect(servers.clock.now()).toBeGreaterThanOrEqual(250);
    const before = servers.clock.now();
    await servers.settle(client.put('k', 'v'));
    expect(servers.clock.now() - before).toBeLessThan(250);
    const [stream] = servers.streams as [HeldStream];
    writes(stream);
    expect(await servers.settle(client.put('k', 'v'))).toMatchObject({ result: { revision: 7 } });
    expect(servers.streams).toHaveLength(1);
  });

  it('where the token is not accepted: HTTP says why', async () => {
    const { servers, client } = setUp({ token: 'secret' });
    const error = { code: 'unauthenticated', message: 'who are you?' };
    servers.script = () => answer(401, { error });
    servers.onOpened = (stream) => {
      stream.request.opened();
      stream.fail(0, 'unauthenticated');
    };
    const outcome = await servers.settle(client.put('k', 'v'));
    expect(outcome).toMatchObject({ outcome: 'refused', reason: 'unauthenticated' });
    expect(servers.streams[0]?.isClosed).toBe(true);
  });

  it('where streams are not wanted', async () => {
    const { servers, client } = setUp({ stream: false });
    await servers.settle(client.put('k', 'v'));
    expect(servers.streams).toEqual([]);
  });
});

describe('a stream that breaks', () => {
  const breaks = answering((stream) => stream.break());

  it('leaves a command without a session unknown, and it is not sent again', async () => {
    const { servers, client } = setUp();
    servers.onOpened = breaks;
    const outcome = await servers.settle(client.put('k', 'v'));
    expect(outcome).toMatchObject({ outcome: 'unknown', reason: 'connection-lost' });
    expect(servers.exchanges).toEqual([]);
    expect(servers.streams).toHaveLength(1);
  });

  it('lets a read, and a command in a session, be repeated with its sequence', async () => {
    const { servers, client } = setUp({ session: true });
    servers.onOpened = breaks;
    servers.script = ({ path, headers }) => {
      if (path === '/v1/sessions') return answer(201, { session: 4 });
      expect(headers['Statecraft-Sequence']).toBe('1');
      return answer(200, { revision: 5 });
    };
    const outcome = await servers.settle(client.put('k', 'v'));
    expect(outcome).toMatchObject({ outcome: 'applied', result: { revision: 5 } });
  });

  it('by bytes that are no answers is closed', async () => {
    const { servers, client } = setUp();
    servers.onOpened = answering((stream) => stream.request.received(new Uint8Array([1, 2, 3])));
    const outcome = await servers.settle(client.put('k', 'v'));
    expect(outcome).toMatchObject({ outcome: 'unknown', reason: 'connection-lost' });
    expect(servers.streams[0]?.isClosed).toBe(true);
  });

  it('or says nothing while a request runs out of time is not used for new ones', async () => {
    const { servers, client } = setUp({ attemptTimeoutMs: 800 });
    const outcome = await servers.settle(client.get('k'));
    expect(outcome).toMatchObject({ outcome: 'applied' });
    expect(servers.exchanges).toHaveLength(1);
    expect(servers.streams.map(({ isClosed }) => isClosed)).toEqual([true]);
  });
});

describe('what an answer in a stream means', () => {
  it.each([
    ['not_leader', {}, 'redirected'],
    ['no_leader', {}, 'no-leader'],
    ['not_ready', {}, 'not-ready'],
    ['overloaded', {}, 'overloaded'],
    ['stopping', {}, 'stopping'],
    ['too_large', {}, 'too-large'],
    ['quota_exceeded', {}, 'quota-exceeded'],
    ['session_expired', {}, 'session-expired'],
    ['answer_discarded', {}, 'answer-discarded'],
    ['command_failed', {}, 'command-failed'],
    ['forbidden', {}, 'forbidden'],
    ['bad_request', {}, 'rejected'],
    ['anything_else', {}, 'rejected'],
    ['condition_failed', { revision: 3 }, 'condition-failed'],
  ] as const)('%s is refused', async (code, fields, reason) => {
    const { servers, client } = setUp();
    servers.onOpened = answering((stream, request) => stream.fail(request, code, fields));
    const outcome = await servers.settle(client.put('k', 'v'));
    expect(outcome).toEqual({
      ...{ outcome: 'refused', reason, message: `about ${code}` },
      ...(code === 'condition_failed' ? { revision: 3 } : {}),
    });
  });

  it('unknown is unknown, and so is an answer to another kind of request', async () => {
    const { servers, client } = setUp();
    servers.onOpened = answering((stream, request) => stream.fail(request, 'outcome_unknown'));
    const unknown = { outcome: 'unknown', reason: 'outcome-unknown' };
    expect(await servers.settle(client.put('k', 'v'))).toMatchObject(unknown);
    const other = setUp();
    other.servers.onOpened = writes;
    expect(await other.servers.settle(other.client.delete('k'))).toMatchObject(unknown);
  });

  it('a redirect is followed, in a stream to the leader', async () => {
    const { servers, client } = setUp();
    servers.onOpened = (stream) =>
      stream.request.address.includes('a:1')
        ? answering((held, request) =>
            held.fail(request, 'not_leader', { leader: 'b', leaderAddress: `${B}/` }),
          )(stream)
        : writes(stream);
    expect(await servers.settle(client.put('k', 'v'))).toMatchObject({ outcome: 'applied' });
    expect(servers.streams.map(({ request }) => request.address)).toEqual([
      'ws://a:1/v1/stream',
      'ws://b:2/v1/stream',
    ]);
  });

  it('a redirect to where nobody knows does not get the token, nor a stream', async () => {
    const { servers, client } = setUp({ token: 'secret' });
    servers.script = () => answer(200, { members: [] });
    servers.onOpened = answering((held, request) =>
      held.fail(request, 'not_leader', { leader: 'b', leaderAddress: B }),
    );
    const outcome = await servers.settle(client.put('k', 'v'));
    expect(outcome).toMatchObject({ outcome: 'refused', reason: 'redirected' });
    expect(servers.streams.every(({ request }) => request.address.includes('a:1'))).toBe(true);
  });
});
