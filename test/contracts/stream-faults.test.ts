/** What is wrong in a stream ends it, or is answered; and nothing of a broken message is carried out. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { offerDirectCalls } from '../../src/host/direct-calls.ts';
import { SeededRandom } from '../../src/simulation/random.ts';
import { FrameWriter } from '../../src/streaming/frames.ts';
import * as requests from '../../src/streaming/requests.ts';
import { listening, turnUntil } from './listening.ts';
import type { StreamWire } from './stream-wire.ts';

const at = listening();
let wire: StreamWire;

beforeEach(async () => {
  await at.start();
  wire = await at.stream();
});

const hex = (text: string) => new Uint8Array(Buffer.from(text.replaceAll(' ', ''), 'hex'));
const put = '0000002f 10 00000001 00000000 0000000000000000 0000000000000000 0000000000000000';

describe('a message that is no frames', () => {
  const whole = `${put} 01 00 00 08 6772656574696e67 6869`;

  it.each([
    ['an empty frame', '00000000'],
    ['a frame without a request', '00000001 10'],
    ['a frame that ends before its length', '00000030 10 00000001 00'],
    ['a length of four gigabytes', 'ffffffff 10 00000001'],
    ['a few bytes behind a whole frame', `${whole} 000000`],
    ['a frame of a kind that nobody knows', '00000005 77 00000001'],
    ['an answer', '00000005 90 00000001'],
    ['a second hello', '00000008 01 00000000 00 0000'],
  ])('%s closes the connection, and a put before it is not carried out', async (_, bytes) => {
    wire.webSocket.send(hex(`${whole}${bytes}`));
    const { code, reason } = await wire.untilClosed();
    expect(code).toBe(4400);
    expect(reason).not.toBe('');
    expect(at.server.proposed).toEqual([]);
    expect(at.service.inFlight.requests.used).toBe(0);
  });

  it('text, and a message that is too long, close it, too', async () => {
    wire.webSocket.send('hello');
    expect(await wire.untilClosed()).toMatchObject({ code: 1003 });
    const other = await at.stream();
    other.webSocket.send(Buffer.alloc(2_097_153));
    expect(await other.untilClosed()).toMatchObject({ code: 1009 });
  });

  it('more requests than may be under way are too many for one message', async () => {
    for (let request = 1; request <= 1_025; request += 1) wire.get(request, 'k');
    wire.send();
    expect(await wire.untilClosed()).toMatchObject({ code: 4400 });
    expect(at.server.queried).toEqual([]);
  });
});

describe('a field that is not valid is answered, and concerns its request alone', () => {
  const command = (rest: string) => {
    const bytes = hex(`10 00000001 00000000 ${'0'.repeat(48)} ${rest}`);
    return `${bytes.byteLength.toString(16).padStart(8, '0')}${Buffer.from(bytes).toString('hex')}`;
  };

  it.each([
    ['a command of another version', command('02 00 00 01 61')],
    ['a command of no type', command('01 03 00 01 61')],
    ['no condition that is known', command('01 00 04 01 61')],
    ['an empty key', command('01 00 00 00 61')],
    ['a key that is longer than its command', command('01 00 00 09 61')],
    ['a key that is not UTF-8', command('01 00 00 02 c328')],
    ['a number with more bytes than it needs', command('01 00 00 8100 61')],
    ['a number above 2^53', command('01 00 01 ffffffffffffffff7f 01 61')],
    ['a delete with a value', command('01 02 00 01 61 62')],
    ['no command', command('')],
    ['half a session', '0000001d 10 00000001 00000000 0000000000000001'],
    [
      'a sequence without a session',
      `${put.replace(/0{16} 0{16}$/, '0000000000000001 0000000000000000')} 01 00 00 08 6772656574696e67 6869`,
    ],
    ['a get of no key', '0000000a 11 00000001 00000000 00'],
    ['a get with flags that nobody knows', '0000000b 11 00000001 00000000 04 61'],
    ['a get that is cut', '00000007 11 00000001 0000'],
    ['a list above its limit', '00000010 12 00000001 00000000 00 03e9 0000 0000'],
    ['a list with something behind', '00000011 12 00000001 00000000 00 0001 0000 0000 00'],
    ['an opened session with something behind', '0000000a 13 00000001 00000000 00'],
    ['a session of no number', '00000011 14 00000001 00000000 0000000000000000'],
    ['a session above 2^53', '00000011 14 00000001 00000000 0020000000000000'],
  ])('%s', async (_, bytes) => {
    const frame = hex(bytes);
    // The length is that of the test's bytes, so that only the field is wrong.
    new DataView(frame.buffer).setUint32(0, frame.byteLength - 4);
    wire.put(2, 'k', 'v');
    const good = wire.writer.take();
    wire.webSocket.send(Buffer.concat([frame, good]));
    expect(await wire.answer(1)).toMatchObject({ type: 'not-applied', code: 'bad_request' });
    expect(await wire.answer(2)).toMatchObject({ type: 'written' });
    expect(at.server.proposed.map(({ command: { key } }) => key)).toEqual(['k']);
  });

  it('a command that no server could apply never reaches the log', async () => {
    const proposed: Uint8Array[] = [];
    offerDirectCalls(at.server, {
      propose(bytes, _, settle) {
        proposed.push(bytes);
        settle({ outcome: 'refused', reason: 'stopped', leader: null, retry: true });
      },
      query() {},
    });
    await at.restart();
    wire = await at.stream();
    for (const wrong of ['01 00 00 02 c328 61', '02 00 00 01 61', '01 00 00 8100 61']) {
      const frame = hex(`00000000 10 00000001 00000000 ${'0'.repeat(48)} ${wrong}`);
      new DataView(frame.buffer).setUint32(0, frame.byteLength - 4);
      wire.webSocket.send(frame);
      expect(await wire.answer(1)).toMatchObject({ code: 'bad_request' });
      wire.answers.length = 0;
    }
    expect(proposed).toEqual([]);
  });

  it('a value that is too long, alone or appended', async () => {
    wire.put(1, 'k', 'v'.repeat(1_048_577));
    expect(await wire.ask(1)).toMatchObject({ code: 'too_large' });
    wire.put(2, 'k', 'v'.repeat(1_048_576));
    expect(await wire.ask(2)).toMatchObject({ type: 'written', length: 1_048_576 });
    wire.write(3, { type: 'append', key: 'k', value: 'v' });
    expect(await wire.ask(3)).toMatchObject({ code: 'too_large' });
  });
});

describe('a connection', () => {
  it('that is cut at any byte leaves nothing behind', async () => {
    const writer = new FrameWriter();
    requests.writeHello(writer, { name: 'cut', token: '' });
    const head =
      'GET /v1/stream HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n' +
      'Sec-WebSocket-Protocol: statecraft.v1\r\n\r\n';
    const bytes = Buffer.concat([
      Buffer.from(head),
      masked(writer.take()),
      masked(hex(`${put} 01 00 00 08 6772656574696e67 6869`)),
    ]);
    for (let end = head.length - 3; end <= bytes.byteLength; end += 1) {
      const socket = connect(at.port, '127.0.0.1');
      socket.on('error', () => {}).resume();
      socket.end(bytes.subarray(0, end));
      await once(socket, 'close');
    }
    expect(at.server.proposed).toHaveLength(1);
    expect(at.service.inFlight.requests.used).toBe(0);
    wire.put(1, 'k', 'v');
    expect(await wire.ask(1)).toMatchObject({ type: 'written' });
  });

  it('that brings anything never harms the server, nor others', async () => {
    const random = new SeededRandom(7);
    const pong = Buffer.from(hex('82 00000063'));
    const writer = new FrameWriter();
    for (let run = 0; run < 150; run += 1) {
      const other = await at.stream();
      for (let request = 1; request <= 3; request += 1) {
        requests.writeWrite(writer, request, 0, undefined, hex('010000016162'));
        requests.writeGet(writer, request + 10, 0, 'a', false);
        requests.writeList(writer, request + 20, 0, { prefix: 'a' }, true);
      }
      const bytes = Buffer.from(writer.take());
      for (let change = 0; change < 1 + (run % 4); change += 1) {
        bytes[random.below(bytes.byteLength)] = random.below(256);
      }
      // Answers to requests that were never made are not read as such.
      other.webSocket.removeAllListeners('message');
      const answered = new Promise<void>((resolve) => {
        other.webSocket.on('message', (data: Buffer) => data.includes(pong) && resolve());
      });
      other.webSocket.send(bytes.subarray(0, 1 + random.below(bytes.byteLength)));
      requests.writePing(other.writer, 99);
      other.send();
      await Promise.race([answered, other.untilClosed()]);
      other.webSocket.terminate();
    }
    wire.put(1, 'k', 'v');
    expect(await wire.ask(1)).toMatchObject({ type: 'written' });
    await turnUntil(() => at.service.inFlight.requests.used === 0);
    expect(at.service.inFlight.bodyBytes.used).toBe(0);
  });
});

describe('a server that stops', () => {
  it('answers what is under way, refuses the rest, and says that it goes', async () => {
    const release = at.server.hold();
    wire.put(1, 'k', 'v');
    wire.send();
    await turnUntil(() => at.server.proposed.length > 0);
    at.service.refuse();
    wire.put(2, 'k', 'v');
    expect(await wire.ask(2)).toMatchObject({ type: 'not-applied', code: 'stopping' });
    const closed = at.service.close();
    release();
    expect(await wire.answer(1)).toMatchObject({ type: 'written' });
    expect(await wire.untilClosed()).toMatchObject({ code: 1001 });
    await closed;
  });

  it('does not wait for ever for what cannot be answered', async () => {
    at.server.hold();
    wire.put(1, 'k', 'v');
    wire.send();
    await turnUntil(() => at.server.proposed.length > 0);
    await at.service.close();
    expect(await wire.untilClosed()).toMatchObject({ code: 1001 });
  });
});

/** One WebSocket message of a client, with the mask of zeros. */
function masked(payload: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from([0x82, 0x80 | payload.byteLength, 0, 0, 0, 0]), payload]);
}
