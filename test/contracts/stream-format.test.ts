/** The bytes of streams (docs: Streaming): golden ones of the first day, and what becomes of any others. */
import { readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { SeededRandom } from '../../src/simulation/random.ts';
import { readAnswer, writePage } from '../../src/streaming/answers.ts';
import {
  BrokenFrame,
  cutText,
  FieldReader,
  FrameWriter,
  InvalidField,
} from '../../src/streaming/frames.ts';
import { REQUEST } from '../../src/streaming/kinds.ts';
import * as requests from '../../src/streaming/requests.ts';
import { FAILURE, PAGE, writtenFrames } from './golden-stream.ts';

const golden: Record<string, string> = JSON.parse(
  readFileSync(new URL('./golden/stream-1.json', import.meta.url), 'utf8'),
);

function entered(bytes: Uint8Array, frame = 0) {
  const reader = new FieldReader(bytes);
  reader.enter(frame, reader.frameAfter(frame));
  return reader;
}

function answerIn(name: string, hasValues = false) {
  const reader = entered(Buffer.from(golden[name] ?? '', 'hex'));
  return { request: reader.requestAt(0), ...readAnswer(reader, reader.kindAt(0), hasValues) };
}

function requestIn(name: string): FieldReader {
  return entered(Buffer.from(golden[name] ?? '', 'hex'));
}

describe('golden frames of version 1', () => {
  it('are still written so', () => {
    expect(writtenFrames()).toEqual(golden);
  });

  const at = { index: 2 ** 33 + 5, term: 7 };
  const failure = { ...FAILURE, request: 13 };
  test.each([
    ['welcome', { request: 0, serverId: 'a', clusterId: '26e0ba2a', requestsMax: 1_024 }],
    ['pong', { request: 1, index: at.index }],
    ['written', { request: 7, ...at, revision: at.index, length: 2 }],
    ['deleted', { request: 8, ...at, found: true }],
    ['value', { request: 9, ...at, revision: 300, value: new Uint8Array([104, 105]) }],
    ['noSuchKey', { request: 9, ...at, type: 'no-such-key' }],
    ['page', { request: 10, ...at, page: PAGE }],
    ['sessionOpened', { request: 11, session: at.index, expiresAfterMs: 3_600_000 }],
    ['sessionClosed', { request: 12, ...at }],
    ['notApplied', { ...failure, type: 'not-applied' }],
    ['unknown', { request: 14, type: 'unknown', code: 'outcome_unknown' }],
  ])('%s is still read', (name, expected) => {
    expect(answerIn(name, name === 'page')).toMatchObject(expected);
  });

  test('requests are still read', () => {
    expect(requests.readHello(requestIn('hello'))).toEqual({ name: 'cli', token: 'statecraft_x' });
    const appended = requestIn('append');
    expect(appended.u32()).toBe(250);
    const session = { session: 2 ** 40, sequence: 3, firstUnanswered: 2 };
    expect(requests.readSession(appended)).toEqual(session);
    const deleted = requestIn('delete');
    expect(deleted.requestAt(0)).toBe(0xffff_ffff);
    deleted.u32();
    expect(requests.readSession(deleted)).toEqual({ session: 5, sequence: 1 });
    const get = requestIn('get');
    expect(get.u32()).toBe(1_000);
    expect(requests.readGetFlags(get)).toBe(true);
    expect(requests.readKey(get)).toBe('grüße');
    const list = requestIn('list');
    list.u32();
    expect(requests.readList(list)).toEqual({
      query: { type: 'list', prefix: 'p', after: 'pa', limit: 5, values: true, shares: true },
      isStale: false,
    });
    const close = requestIn('closeSession');
    close.u32();
    expect(requests.readSessionNumber(close)).toBe(2 ** 40);
  });

  test('the page shows the same bytes', () => {
    const page = readFileSync(new URL('../../docs/streaming.md', import.meta.url), 'utf8');
    const example = page.slice(page.indexOf('```text\nhello'));
    const hex = (name: string) =>
      (new RegExp(`^${name}((?: .*\\n)+)`, 'm').exec(example)?.[1] ?? '')
        .replaceAll(/"([^"]*)"/g, (_, text: string) => Buffer.from(text).toString('hex'))
        .replaceAll(/\s/g, '');
    const hello = new FrameWriter();
    requests.writeHello(hello, { name: 'cli', token: '' });
    expect(hex('hello')).toBe(Buffer.from(hello.take()).toString('hex'));
    for (const name of ['put', 'written']) {
      const reader = new FieldReader(Buffer.from(hex(name), 'hex'));
      expect(reader.frameAfter(0)).toBe(reader.bytes.byteLength);
      expect(reader.requestAt(0)).toBe(7);
    }
  });
});

describe('frames', () => {
  it('are read as they were written, however many, however long', () => {
    const random = new SeededRandom(3);
    const writer = new FrameWriter();
    for (let message = 0; message < 40; message += 1) {
      const keys = Array.from({ length: 1 + random.below(60) }, () =>
        'ü'.repeat(1 + random.below(random.chance(0.1) ? 2_000 : 20)),
      );
      for (const [at, key] of keys.entries()) requests.writeGet(writer, at, at, key, at % 2 === 1);
      const bytes = writer.take();
      const reader = new FieldReader(bytes);
      let frame = 0;
      for (const [at, key] of keys.entries()) {
        const next = reader.frameAfter(frame);
        reader.enter(frame, next);
        expect([reader.kindAt(frame), reader.requestAt(frame)]).toEqual([REQUEST.get, at]);
        expect(reader.u32()).toBe(at);
        expect(requests.readGetFlags(reader)).toBe(at % 2 === 1);
        expect(requests.readKey(reader)).toBe(key);
        frame = next;
      }
      expect(frame).toBe(bytes.byteLength);
    }
  });

  it('that were taken are never written again', () => {
    const writer = new FrameWriter();
    requests.writeGet(writer, 1, 0, 'first', false);
    const first = writer.take();
    const before = [...first];
    for (let more = 0; more < 5_000; more += 1)
      requests.writeGet(writer, 2, 0, 'x'.repeat(50), false);
    expect([...first]).toEqual(before);
  });

  it('hold numbers up to 2^53 - 1, and a page of nothing', () => {
    const writer = new FrameWriter();
    const at = { index: Number.MAX_SAFE_INTEGER, term: 0 };
    writePage(writer, 1, at, { items: [], next: null });
    const reader = entered(writer.take());
    const page = { items: [], next: null };
    expect(readAnswer(reader, reader.kindAt(0))).toEqual({ type: 'page', ...at, page });
  });

  it('of any bytes are read, or refused as what they are', () => {
    const random = new SeededRandom(5);
    const names = Object.keys(golden);
    for (let run = 0; run < 3_000; run += 1) {
      const bytes = Buffer.from(golden[names[run % names.length] ?? ''] ?? '', 'hex');
      for (let change = 0; change < 1 + random.below(3); change += 1) {
        bytes[random.below(bytes.byteLength)] = random.below(256);
      }
      const cut = bytes.subarray(0, 1 + random.below(bytes.byteLength));
      try {
        const reader = entered(cut);
        readAnswer(reader, reader.kindAt(0), random.chance(0.5));
      } catch (error) {
        expect([BrokenFrame, InvalidField]).toContain((error as Error).constructor);
      }
    }
  });
});

it('a text that is too long is cut between two characters', () => {
  expect(new TextDecoder('utf-8', { fatal: true }).decode(cutText('aüü', 4))).toBe('aü');
  expect(cutText('aü', 3).byteLength).toBe(3);
});
