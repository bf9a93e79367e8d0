/**
 * Requests bent in every way, over real sockets (§8): each is done, or refused with a code that the
 * documents name, and what is refused has changed nothing.
 */
// First, so that everything else is counted from its first line on.
import './line-coverage.ts';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { STATUS_OF } from '../../src/service/errors.ts';
import type { Service } from '../../src/service/service.ts';
import { anyRequest } from './bent-requests.ts';
import { anyBytesBend, runs, Tally } from './fuzzing.ts';
import { type Answer, exchange } from './http-exchange.ts';
import { lineCoverage } from './line-coverage.ts';
import { ModelServer, serviceOf } from './model-server.ts';

const DECODERS = [
  'src/service/conditions.ts',
  'src/service/errors.ts',
  'src/service/host-header.ts',
  'src/service/key-routes.ts',
  'src/service/key.ts',
  'src/service/malformed.ts',
  'src/service/named-key.ts',
  'src/service/session-headers.ts',
  'src/service/session-routes.ts',
  'src/service/target.ts',
  'src/service/routes.ts',
];
const COVERED_MIN = 0.95;
const DONE_MIN = 0.3;

let server: ModelServer;
let service: Service;
let port: number;

beforeAll(async () => {
  server = new ModelServer();
  service = serviceOf(server);
  await server.openSession();
  ({ port } = await service.listen({ host: '127.0.0.1', port: 0 }));
});

afterAll(() => service.close());

/** Every key with its value and revision. */
async function contents(): Promise<string> {
  const { result } = (await server.query({ type: 'list', values: true, limit: 1_000 })) as {
    readonly result: unknown;
  };
  return JSON.stringify(result);
}

/** Its status is its code's, and neither a bug of ours nor "perhaps". */
function expectNamed({ status, body }: Answer): void {
  const { error } = JSON.parse(body) as { readonly error: { code: string; message: string } };
  expect(['internal', 'outcome_unknown']).not.toContain(error.code);
  expect(STATUS_OF[error.code as keyof typeof STATUS_OF]).toBe(status);
  expect(error.message.length).toBeGreaterThan(10);
}

const isDone = (answer: Answer | null) => answer !== null && answer.status < 300;

describe('a request that says anything', () => {
  it('is done, or refused with a code of ours and nothing changed; three in ten are done', async () => {
    const tally = new Tally();
    await fc.assert(
      fc.asyncProperty(anyRequest, async (request) => {
        const before = await contents();
        const answer = await exchange(port, request, { isAll: false });
        tally.note(isDone(answer) ? 'done' : 'refused');
        expect(answer, 'whole requests are answered').not.toBeNull();
        if (answer === null || isDone(answer)) return;
        expect(await contents()).toBe(before);
        if (answer.body !== '') expectNamed(answer);
        else expect(Buffer.from(request).toString()).toMatch(/^HEAD/);
      }),
      runs(600),
    );
    expect(tally.share('done')).toBeGreaterThanOrEqual(DONE_MIN);
    expect(tally.share('refused')).toBeGreaterThanOrEqual(DONE_MIN);
  });
});

describe('bytes that are no request', () => {
  it('close the connection, with an answer or without, and harm nobody', async () => {
    await fc.assert(
      fc.asyncProperty(anyRequest, anyBytesBend, async (request, bend) => {
        const answer = await exchange(port, bend(request), { isAll: true });
        if (answer !== null && !isDone(answer) && answer.body !== '') expectNamed(answer);
      }),
      runs(400),
    );
    const put = Buffer.from(
      'PUT /v1/kv/z HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    );
    expect(await exchange(port, put, { isAll: false })).toMatchObject({ status: 200 });
  });

  it('are refused by their declared length, and where a value would grow past it', async () => {
    const request = (line: string, declared: number, body = Buffer.alloc(0)) => {
      const head = `${line} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n`;
      const bytes = Buffer.concat([
        Buffer.from(`${head}Content-Length: ${declared}\r\n\r\n`),
        body,
      ]);
      return exchange(port, bytes, { isAll: false });
    };
    expect(await request('PUT /v1/kv/g', 1_048_577)).toMatchObject({ status: 413 });
    expect(await request('PUT /v1/kv/g', 1_048_576, Buffer.alloc(1_048_576))).toMatchObject({
      status: 200,
    });
    const before = await contents();
    const grown = await request('POST /v1/kv/g/append', 1, Buffer.alloc(1));
    expect(grown).toMatchObject({ status: 413 });
    expect(await contents()).toBe(before);
  });

  it('are refused with a sentence of ours when they name no host', async () => {
    const head = Buffer.from('GET /v1/kv/k HTTP/1.1\r\n\r\n');
    const answer = await exchange(port, head, { isAll: false });
    expect(answer).toMatchObject({ status: 400, body: expect.stringContaining('no Host header') });
  });

  it('are refused when their head does not end', async () => {
    const head = Buffer.from(
      `GET /v1/kv/k HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(40_000)}`,
    );
    expect(await exchange(port, head, { isAll: false })).toMatchObject({ status: 400 });
  });
});

describe('the decoders', () => {
  it('have been through it line by line', async () => {
    const { share, missed } = await lineCoverage(DECODERS);
    expect(share, `not run: ${missed.join(' ')}`).toBeGreaterThanOrEqual(COVERED_MIN);
  });
});
