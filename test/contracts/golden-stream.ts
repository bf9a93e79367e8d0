/** One frame of every kind, by the names under which its golden bytes are kept. */
import { commands } from '../../src/kv/codec.ts';
import * as answers from '../../src/streaming/answers.ts';
import { FrameWriter } from '../../src/streaming/frames.ts';
import { ANSWER } from '../../src/streaming/kinds.ts';
import * as requests from '../../src/streaming/requests.ts';

const at = { index: 2 ** 33 + 5, term: 7 };
const bytes = (text: string) => new TextEncoder().encode(text);
const put = commands.encode({ type: 'put', key: 'grüße', value: 'hi' });
const remove = commands.encode({ type: 'delete', key: 'k', ifRevision: 300 });
const append = commands.encode({ type: 'append', key: 'k', value: 'x', ifAbsent: true });
export const PAGE = {
  items: [{ key: 'ä', revision: 9, length: 2, value: bytes('hi') }],
  next: 'ä',
};
export const FAILURE = {
  ...{ code: 'not_leader', message: 'ask b', retryAfterMs: 0, revision: 0 },
  ...{ leader: 'b', leaderAddress: 'http://b.example:7101' },
};

const FRAMES: Readonly<Record<string, (writer: FrameWriter) => void>> = {
  hello: (to) => requests.writeHello(to, { name: 'cli', token: 'statecraft_x' }),
  ping: (to) => requests.writePing(to, 1),
  put: (to) => requests.writeWrite(to, 7, 0, undefined, put),
  append: (to) =>
    requests.writeWrite(to, 8, 250, { session: 2 ** 40, sequence: 3, firstUnanswered: 2 }, append),
  delete: (to) => requests.writeWrite(to, 0xffff_ffff, 0, { session: 5, sequence: 1 }, remove),
  get: (to) => requests.writeGet(to, 9, 1_000, 'grüße', true),
  list: (to) =>
    requests.writeList(to, 10, 0, { prefix: 'p', after: 'pa', limit: 5, values: true }, false),
  openSession: (to) => requests.writeOpenSession(to, 11, 0),
  closeSession: (to) => requests.writeCloseSession(to, 12, 0, 2 ** 40),
  welcome: (to) =>
    answers.writeWelcome(to, {
      ...{ messageBytesMax: 2_097_152, requestsMax: 1_024, deadlineMs: 5_000 },
      ...{ serverId: 'a', clusterId: '26e0ba2a', software: '0.1.0' },
    }),
  pong: (to) => answers.writePong(to, 1, at.index),
  written: (to) => {
    answers.beginApplied(to, ANSWER.written, 7, at);
    to.u64(at.index);
    to.u64(2);
    to.end();
  },
  deleted: (to) => {
    answers.beginApplied(to, ANSWER.deleted, 8, at);
    to.u8(1);
    to.end();
  },
  value: (to) => answers.writeValue(to, 9, at, 300, bytes('hi')),
  noSuchKey: (to) => {
    answers.beginApplied(to, ANSWER.noSuchKey, 9, at);
    to.end();
  },
  page: (to) => answers.writePage(to, 10, at, PAGE),
  sessionOpened: (to) => {
    answers.beginApplied(to, ANSWER.sessionOpened, 11, at);
    to.u64(at.index);
    to.u64(3_600_000);
    to.end();
  },
  sessionClosed: (to) => {
    answers.beginApplied(to, ANSWER.sessionClosed, 12, at);
    to.end();
  },
  notApplied: (to) => answers.writeFailure(to, ANSWER.notApplied, 13, FAILURE),
  unknown: (to) =>
    answers.writeFailure(to, ANSWER.unknown, 14, { code: 'outcome_unknown', message: 'who knows' }),
};

/** As this version writes them, in hexadecimal digits. */
export function writtenFrames(): Record<string, string> {
  return Object.fromEntries(
    Object.entries(FRAMES).map(([name, write]) => {
      const writer = new FrameWriter();
      write(writer);
      return [name, Buffer.from(writer.take()).toString('hex')];
    }),
  );
}
