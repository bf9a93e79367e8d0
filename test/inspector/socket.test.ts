/** The inspector's socket: who gets in, and what becomes of pages that misbehave. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Actor, createActor, createMachine } from 'xstate';
import { ActorsSource } from '../../src/inspector/actors-source.ts';
import type { InspectionSource } from '../../src/inspector/page-connection.ts';
import { DEFAULT_PAGE_LIMITS } from '../../src/inspector/page-connection.ts';
import { Bed, type Page } from './pages.ts';

const light = createMachine({
  id: 'light',
  initial: 'green',
  states: { green: { on: { go: 'red' } }, red: { on: { go: 'green' } } },
});

let bed: Bed;
let actor: Actor<typeof light>;

async function open(change: Partial<ConstructorParameters<typeof Bed>[0]> = {}): Promise<Bed> {
  const ours = new ActorsSource({ name: 'test', software: 'statecraft 9.9.9', address: '' });
  const { source = ours } = change;
  const { inspect } = source instanceof ActorsSource ? source : ours;
  actor = createActor(light, { inspect, id: 'light' });
  actor.start();
  bed = await new Bed({ source, ...change }).listen();
  return bed;
}

afterEach(async () => {
  actor.stop();
  await bed.close();
});

describe('a page', () => {
  it('is told who speaks, who is there, and then what happens', async () => {
    const page = (await open()).page();
    await page.until(({ type }) => type === 'actor');
    actor.send({ type: 'go' });
    await page.until(({ type }) => type === 'transition');
    expect(page.records).toMatchObject([
      {
        ...{ type: 'hello', format: 'statecraft-inspection', version: 1, source: 'actors' },
        ...{ id: 'test', pid: process.pid },
      },
      { type: 'actor', actor: 'light', value: 'green' },
      { type: 'transition', number: 1, actor: 'light', value: 'red' },
    ]);
  });

  it('may say ping, and is not heard otherwise', async () => {
    const page = (await open()).page();
    await page.until(({ type }) => type === 'actor');
    for (const text of ['{"type":"stop"}', 'hello', '', 'ping']) page.socket.send(text);
    await page.until(({ type }) => type === 'pong');
    expect(page.records.filter(({ type }) => type === 'pong')).toHaveLength(1);
  });

  it('from somewhere else is refused, with a sentence', async () => {
    const page = (await open()).page({ origin: 'http://evil.example' });
    const { status, body } = await page.refused();
    expect(status).toBe(403);
    expect(JSON.parse(body)).toEqual({
      error: {
        code: 'foreign_origin',
        message:
          'pages from http://evil.example may not inspect this server; open /inspect of one of the servers',
      },
    });
  });

  it('that is refused and never closes its end leaves no connection', async () => {
    const { port, server } = await open();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {}).resume();
    socket.write(
      'GET /v1/inspect HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        'Origin: http://evil.example\r\nSec-WebSocket-Version: 13\r\n' +
        'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
    );
    await once(socket, 'end');
    const connections = promisify(server.getConnections.bind(server));
    expect(await connections()).toBe(1);
    await vi.advanceTimersByTimeAsync(1_000);
    vi.useRealTimers();
    while ((await connections()) > 0) await new Promise((resolve) => setImmediate(resolve));
    socket.destroy();
  });

  it('from a server that is not known yet waits until it is, and comes in', async () => {
    const origin = 'http://127.0.0.1:9';
    let known = '';
    const addresses = () => {
      setImmediate(() => {
        known = origin;
      });
      return [known];
    };
    const page = (await open({ addresses })).page({ origin });
    await page.until(({ type }) => type === 'hello');
    expect(known).toBe(origin);
  });

  it('that is foreign all the same is refused when it has waited', async () => {
    await open({ addresses: () => [''] });
    expect(await bed.page({ origin: 'http://evil.example' }).refused()).toMatchObject({
      status: 403,
    });
  });

  it('waits for that with three others at most: the fifth is refused at once', async () => {
    const origin = 'http://127.0.0.1:9';
    let known = '';
    await open({ addresses: () => [known] });
    const pages = [1, 2, 3, 4, 5].map(() => bed.page({ origin }));
    const refused = pages.map((page, at) => page.refused().then(() => at));
    const first = await Promise.race(refused);
    known = origin;
    const others = pages.filter((_, at) => at !== first);
    await Promise.all(others.map((page) => page.until(({ type }) => type === 'hello')));
  });

  it('that we have served comes in', async () => {
    await open();
    const page = bed.page({ origin: `http://localhost:${bed.port}` });
    await page.until(({ type }) => type === 'hello');
  });

  it('that calls us by another name is refused, as over HTTP', async () => {
    const page = (await open()).page({ headers: { host: 'evil.example' } });
    expect(await page.refused()).toMatchObject({ status: 421 });
  });

  it('is refused where there is no socket', async () => {
    const page = (await open()).page({}, '/v1/status');
    expect(await page.refused()).toMatchObject({ status: 400 });
  });

  it('is one too many from the fifth on, until another one goes', async () => {
    await open();
    const pages = [1, 2, 3, 4].map(() => bed.page());
    for (const page of pages) await page.until(({ type }) => type === 'hello');
    const fifth = bed.page();
    expect(await fifth.closed).toEqual({
      code: 1013,
      reason: '4 pages are connected already: close one of them first',
    });
    expect(fifth.records).toEqual([]);
    pages[0]?.socket.close();
    await pages[0]?.closed;
    while (bed.socket.pages === 4) await new Promise((resolve) => setImmediate(resolve));
    await bed.page().until(({ type }) => type === 'hello');
  });

  it('that says too much is sent away', async () => {
    const page = (await open()).page();
    await page.until(({ type }) => type === 'hello');
    page.socket.send('x'.repeat(2_000));
    expect(await page.closed).toMatchObject({ code: 1009 });
  });

  it.each([
    ['a frame without a mask', Buffer.from([0x81, 0x04, 0x70, 0x69, 0x6e, 0x67])],
    ['a frame of an unknown kind', Buffer.from([0x83, 0x80, 0, 0, 0, 0])],
    ['reserved bits', Buffer.from([0xf1, 0x80, 0, 0, 0, 0])],
    ['a length of 2^63', Buffer.from([0x82, 0xff, 0x80, ...Array.from({ length: 11 }, () => 0)])],
    ['text that is no UTF-8', Buffer.from([0x81, 0x81, 0, 0, 0, 0, 0xff])],
  ])('that sends %s is sent away, and nobody else notices', async (_, frame) => {
    await open();
    const other = bed.page();
    await other.until(({ type }) => type === 'hello');
    const wire = bed.wire();
    const head = ['GET /inspect/socket HTTP/1.1', `Host: 127.0.0.1:${bed.port}`];
    const upgrade = ['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'];
    wire.write(
      `${[...head, ...upgrade].join('\r\n')}\r\nSec-WebSocket-Key: ${'x'.repeat(22)}==\r\n\r\n`,
    );
    await new Promise((resolve) => wire.once('data', resolve));
    expect(bed.socket.pages).toBe(2);
    wire.resume().write(frame);
    await new Promise((resolve) => wire.once('close', resolve));
    while (bed.socket.pages === 2) await new Promise((resolve) => setImmediate(resolve));
    actor.send({ type: 'go' });
    await other.until(({ type }) => type === 'transition');
  });

  it('is told of the end, and let go', async () => {
    const page = (await open()).page();
    await page.until(({ type }) => type === 'actor');
    actor.send({ type: 'go' });
    await bed.socket.close('the test stops');
    expect(await page.closed).toEqual({ code: 1001, reason: 'the test stops' });
    expect(page.records.slice(2)).toMatchObject([
      { type: 'transition' },
      { type: 'ended', why: 'the test stops' },
    ]);
    expect(await bed.page().refused()).toMatchObject({ status: 503 });
  });

  it('that does not take its leave holds up nobody', async () => {
    const page = (await open()).page();
    await page.until(({ type }) => type === 'actor');
    page.socket.pause();
    await bed.socket.close('the test stops');
    expect(bed.socket.pages).toBe(0);
  });
});

describe('a slow page', () => {
  const limits = { ...DEFAULT_PAGE_LIMITS, flushMs: 1, behindBytes: 0 };
  const heavy = createMachine({ id: 'heavy' });
  /** Each of a mebibyte: together more than the operating system keeps for a page that does not read. */
  const PICTURES = 16;

  /** Makes the page deaf, and gives it more to read than the operating system's buffers hold. */
  async function overwhelm(page: Page, { inspect }: ActorsSource): Promise<void> {
    await page.until(({ type }) => type === 'actor');
    page.socket.pause();
    createActor(heavy, { inspect, id: 'heavy' }).start();
    await turns();
  }

  /** What the pages are told from a timer has been told. */
  const turns = () => new Promise((resolve) => setTimeout(resolve, 20));

  /** Of its own for every test: what was told of once is not heavy any more. */
  function heavySource(): ActorsSource {
    const source = new ActorsSource({ name: 'test', software: 'statecraft 9.9.9', address: '' });
    source.nameOf = (logic, tell) => {
      if ((logic as { id?: string }).id !== 'heavy') return 'light';
      const chart = 'x'.repeat(2 ** 20);
      for (let i = 0; i < PICTURES; i += 1) tell({ type: 'chart', machine: `picture ${i}`, chart });
      return 'heavy';
    };
    return source;
  }

  it('that reads nothing for too long is sent away, and the actors go on', async () => {
    const source = heavySource();
    const attach = source.attach.bind(source);
    const left = new Promise<void>((leave) => {
      source.attach = (listener) => {
        const detach = attach(listener);
        return () => {
          detach();
          leave();
        };
      };
    });
    const page = (await open({ limits: { ...limits, behindMsMax: 5 }, source })).page();
    await overwhelm(page, source);
    await left;
    actor.send({ type: 'go' });
    page.socket.resume();
    expect(await page.closed).toEqual({
      code: 1008,
      reason: 'this page does not read what it is sent; reload it',
    });
    expect(actor.getSnapshot()).toMatchObject({ status: 'active', value: 'red' });
  });
});

describe('a fault of the inspector', () => {
  const broken = (part: Partial<InspectionSource>): InspectionSource => ({
    hello: () => ({
      ...{ source: 'actors', id: 'x', clusterId: '', members: [], software: '', pid: 1 },
    }),
    attach: () => () => {},
    ...part,
  });
  const fail = () => {
    throw new Error('a bug');
  };

  it.each([
    ['hello', broken({ hello: fail })],
    ['attach', broken({ attach: fail })],
    [
      'an event',
      broken({
        attach: (listener) => {
          listener.next({ type: '@xstate.actor', rootId: '', actorRef: null as never });
          return () => {};
        },
      }),
    ],
  ])('in %s costs the page its connection, and nobody else anything', async (_, source) => {
    const page = (await open({ source })).page();
    const { code, reason } = await page.closed;
    expect(code).toBe(1011);
    expect(reason).toMatch(/^the inspector has failed: /);
    actor.send({ type: 'go' });
    expect(actor.getSnapshot().value).toBe('red');
  });
});
