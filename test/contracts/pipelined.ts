/** Requests over one connection, sent without waiting for the answers, and a server that takes them one by one. */
import { connect } from 'node:net';
import fc from 'fast-check';

export interface Ask {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  readonly key: string;
  readonly body?: string;
  /** `absent` asks for `If-None-Match: *`, `present` for `If-Match: *`. */
  readonly condition?: 'absent' | 'present' | undefined;
  readonly isChunked?: boolean | undefined;
}

export const put = (key: string, length: number): Ask => ({
  method: 'PUT',
  key,
  body: 'x'.repeat(length),
});
export const get = (key: string): Ask => ({ method: 'GET', key });
export const remove = (key: string): Ask => ({ method: 'DELETE', key });

export interface Told {
  readonly status: number;
  readonly body: string;
}

export function bytesOf({ method, key, body, condition, isChunked = false }: Ask): Buffer {
  const path = `/v1/kv/${key}${method === 'POST' ? '/append' : ''}`;
  const lines = [`${method} ${path} HTTP/1.1`, 'Host: localhost'];
  if (condition === 'absent') lines.push('If-None-Match: *');
  if (condition === 'present') lines.push('If-Match: *');
  if (body === undefined) return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
  if (!isChunked) {
    lines.push(`Content-Length: ${body.length}`);
    return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`);
  }
  lines.push('Transfer-Encoding: chunked');
  const chunk = body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`;
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${chunk}0\r\n\r\n`);
}

/**
 * Writes all of them at once, and reads as many answers.
 * @throws Error when the connection ends before that
 */
export function pipelined(port: number, asks: readonly Ask[]): Promise<readonly Told[]> {
  const socket = connect(port, '127.0.0.1');
  const answers: Told[] = [];
  let received: Buffer = Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    socket.on('error', () => {});
    socket.on('close', () =>
      reject(new Error(`closed after ${answers.length} of ${asks.length}: ${received}`)),
    );
    socket.on('data', (bytes) => {
      received = received.byteLength === 0 ? bytes : Buffer.concat([received, bytes]);
      for (;;) {
        const taken = answerIn(received, asks[answers.length]?.method === 'HEAD');
        if (taken === null) break;
        answers.push(taken.told);
        received = received.subarray(taken.length);
      }
      if (answers.length < asks.length) return;
      resolve(answers);
      socket.destroy();
    });
    socket.write(Buffer.concat(asks.map(bytesOf)));
  });
}

function answerIn(bytes: Buffer, isHead: boolean): { told: Told; length: number } | null {
  const headLength = bytes.indexOf('\r\n\r\n') + 4;
  if (headLength < 4) return null;
  const head = bytes.toString('latin1', 0, headLength);
  const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(head)?.[1]);
  const announced = Number(/^content-length: (\d+)\r$/im.exec(head)?.[1] ?? 0);
  const length = headLength + (isHead ? 0 : announced);
  if (bytes.byteLength < length) return null;
  return { told: { status, body: bytes.toString('latin1', headLength, length) }, length };
}

/** What each is told by a server that finishes one before it looks at the next. */
export function inTurn(asks: readonly Ask[]): readonly Told[] {
  const values = new Map<string, string>();
  return asks.map((ask) => answerOf(ask, values));
}

function answerOf({ method, key, body = '', condition }: Ask, values: Map<string, string>): Told {
  const value = values.get(key);
  const missing = { status: 404, body: '' };
  if (method === 'GET') return value === undefined ? missing : { status: 200, body: value };
  if (method === 'HEAD') return { status: value === undefined ? 404 : 200, body: '' };
  const wanted = condition === undefined ? value !== undefined : condition === 'present';
  if (wanted !== (value !== undefined)) return { status: 412, body: '' };
  if (method === 'DELETE') {
    return values.delete(key) ? { status: 200, body: '{"deleted":true}' } : missing;
  }
  const next = method === 'PUT' ? body : `${value ?? ''}${body}`;
  if (next.length > 1_048_576) return { status: 413, body: '' };
  values.set(key, next);
  return { status: 200, body: method === 'PUT' ? 'written' : `length ${next.length}` };
}

/** Without revisions, which the other cannot know, and sentences. */
export function comparable(told: readonly Told[]): readonly Told[] {
  return told.map(({ status, body }) => {
    if (status !== 200) return { status, body: '' };
    const [, length] = /^{"key":.*"revision":\d+,"length":(\d+)}$/.exec(body) ?? [];
    if (length !== undefined) return { status, body: `length ${length}` };
    return /^{"key":.*"revision":\d+}$/.test(body) ? { status, body: 'written' } : { status, body };
  });
}

const key = fc.constantFrom('k', 'l', 'm');
const body = fc
  .tuple(fc.constantFrom(...'abcdef'), fc.constantFrom(0, 1, 3, 3, 40, 5_000, 65_536, 300_000))
  .map(([letter, length]) => letter.repeat(length));
const condition = fc.constantFrom(
  undefined,
  undefined,
  undefined,
  'absent' as const,
  'present' as const,
);
const write = fc.record({
  method: fc.constantFrom('PUT' as const, 'PUT' as const, 'POST' as const),
  ...{ key, body, condition, isChunked: fc.boolean() },
});
const without = fc.oneof(
  fc.record({ method: fc.constantFrom('GET' as const, 'GET' as const, 'HEAD' as const), key }),
  fc.record({ method: fc.constant('DELETE' as const), key, condition }),
);
export const anyAsks: fc.Arbitrary<readonly Ask[]> = fc.array(fc.oneof(write, without), {
  minLength: 2,
  maxLength: 12,
});
