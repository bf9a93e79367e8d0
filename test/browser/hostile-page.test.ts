/** A page of another site in a real browser: whatever it tries at a server, nothing changes. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createService, type Service } from '../../src/service/service.ts';
import { ModelServer } from '../contracts/model-server.ts';
import { inBrowser } from './in-browser.ts';

/** What is refused is an error in the browser's eyes. */
const EVERYTHING = { mayFail: /./ };

inBrowser('a page of another site', (open) => {
  const server = new ModelServer();
  let elsewhere: Server;
  let origin: string;
  let service: Service;
  let url: string;
  /** Every request that has reached the server, as the browser marked it. */
  const arrived: string[] = [];

  beforeAll(async () => {
    elsewhere = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<title>elsewhere</title>');
    });
    await new Promise<void>((resolve) => elsewhere.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  });

  async function serve(allowedOrigins: readonly string[]): Promise<void> {
    const address = 'http://127.0.0.1:7101';
    service = createService({
      ...{ server, advertisedClientAddress: address, requestTimeoutMs: 5_000, version: '9.9.9' },
      ...{ inspects: true, allowedOrigins },
    });
    service.app.server.on('request', ({ method, headers }) => {
      arrived.push(`${method} ${headers.origin} ${headers['sec-fetch-site']}`);
    });
    const { port } = await service.listen({ host: '127.0.0.1', port: 0 });
    url = `http://127.0.0.1:${port}`;
  }

  afterAll(async () => {
    elsewhere?.close();
    await service?.close();
  });

  it('writes nothing, reads nothing and looks inside nothing', async () => {
    await serve([]);
    const page = await open(origin, EVERYTHING);
    const outcomes = await page.evaluate<Record<string, string>>(`(async () => {
      const url = '${url}';
      const outcome = async (attempt) => {
        try { const { type, status } = await attempt(); return type + ' ' + status; }
        catch { return 'failed'; }
      };
      const noCors = (method, path, body) => () => fetch(url + path, { method, body, mode: 'no-cors' });
      const cors = (method, path, headers = {}) => () => fetch(url + path, { method, headers });
      const socket = () => new Promise((done) => {
        const attempt = new WebSocket(url.replace('http', 'ws') + '/inspect/socket');
        attempt.onopen = () => done({ type: 'open', status: 0 });
        attempt.onclose = ({ code }) => done({ type: 'closed', status: code });
      });
      const image = () => new Promise((done) => {
        const attempt = new Image();
        attempt.onload = attempt.onerror = ({ type }) => done({ type, status: 0 });
        attempt.src = url + '/v1/kv/k';
      });
      navigator.sendBeacon(url + '/v1/kv/beacon/append', 'x');
      return {
        append: await outcome(noCors('POST', '/v1/kv/k/append', 'x')),
        session: await outcome(noCors('POST', '/v1/sessions')),
        read: await outcome(noCors('GET', '/v1/kv/k')),
        put: await outcome(cors('PUT', '/v1/kv/k')),
        delete: await outcome(cors('DELETE', '/v1/kv/k')),
        conditional: await outcome(cors('POST', '/v1/kv/k/append', { 'If-Match': '*' })),
        readable: await outcome(cors('GET', '/v1/status')),
        image: await outcome(image),
        socket: await outcome(socket),
      };
    })()`);
    expect(outcomes).toEqual({
      // What it is answered, such a page cannot see.
      ...{
        append: 'opaque 0',
        session: 'opaque 0',
        read: expect.stringMatching(/opaque 0|failed/),
      },
      ...{ put: 'failed', delete: 'failed', conditional: 'failed', readable: 'failed' },
      ...{ image: 'error 0', socket: 'closed 1006' },
    });
    const answer = page.waitForResponse((response) => response.url().endsWith('/form/append'));
    await page.evaluate(`(() => {
      const form = document.createElement('form');
      Object.assign(form, { method: 'post', action: '${url}/v1/kv/form/append', enctype: 'text/plain' });
      document.body.append(form);
      form.submit();
    })()`);
    expect((await answer).status()).toBe(403);
    expect(server.proposed).toEqual([]);
    expect(server.queried).toEqual([]);
    expect(server.applied$.value).toBe(0);
    // Otherwise nothing was tried.
    expect(arrived).toEqual(
      expect.arrayContaining([
        `POST ${origin} same-site`,
        'GET undefined same-site',
        `OPTIONS ${origin} same-site`,
      ]),
    );
    await service.close();
  });

  it('may write and read what it wrote when its origin is allowed', async () => {
    await serve([origin]);
    const page = await open(origin);
    const outcome = await page.evaluate(`(async () => {
      const headers = { 'If-None-Match': '*', Authorization: 'Bearer x' };
      const put = await fetch('${url}/v1/kv/k', { method: 'PUT', body: 'v', headers });
      const get = await fetch('${url}/v1/kv/k');
      return [put.status, put.headers.get('etag'), await get.text(), get.headers.get('statecraft-server')];
    })()`);
    expect(outcome).toEqual([200, '"1"', 'v', 'a']);
  });
});
