/** The ways of HTTP: what they tell of a real server, and of one that is not there. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import {
  connect,
  type ExchangeResult,
  fetchPort,
  type HttpPort,
  type HttpRequest,
} from '../../src/client/index.ts';
import { nodeHttpPort } from '../../src/node/http-port.ts';

const running: (Server | HttpPort)[] = [];

afterEach(() => {
  for (const one of running.splice(0)) {
    if ('closeAllConnections' in one) one.closeAllConnections();
    one.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  running.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const overNode = () => nodeHttpPort();

describe.each([
  ['fetch', () => fetchPort()],
  ["Node.js's own", overNode],
] as const)('HTTP by %s', (_, make) => {
  const exchange = (
    endpoint: string,
    request: Partial<HttpRequest> = {},
  ): Promise<ExchangeResult> => {
    const port = make();
    running.push(port);
    const whole = {
      method: 'GET',
      endpoint,
      path: '/x',
      headers: {},
      body: null,
      ...request,
    } as const;
    return new Promise((resolve) => {
      port.send(whole, resolve);
    });
  };

  test('carries method, path, headers and bytes there, and status, headers and bytes back', async () => {
    const endpoint = await serve((request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        response.writeHead(412, { ETag: '"7"' });
        response.end(
          `${request.method} ${request.url} ${request.headers['if-match']} ${Buffer.concat(parts).toString('hex')}`,
        );
      });
    });
    const ending = await exchange(endpoint, {
      method: 'PUT',
      path: '/v1/kv/a%2F%C3%BC?q=1',
      headers: { 'If-Match': '"3"' },
      body: Uint8Array.of(0, 255),
    });
    if (typeof ending === 'string') throw new Error(ending);
    expect(ending.status).toBe(412);
    expect(ending.header('etag')).toBe('"7"');
    expect(ending.header('location')).toBe(null);
    expect(new TextDecoder().decode(ending.body)).toBe('PUT /v1/kv/a%2F%C3%BC?q=1 "3" 00ff');
  });

  test('follows no redirect, and says where it leads', async () => {
    const endpoint = await serve((_request, response) => {
      response.writeHead(307, { Location: 'http://127.0.0.1:1/x' }).end();
    });
    const ending = await exchange(endpoint);
    expect(ending).toMatchObject({ status: 307 });
    expect(typeof ending === 'string' ? null : ending.header('location')).toBe(
      'http://127.0.0.1:1/x',
    );
  });

  test('where nobody listens, nothing was sent', async () => {
    const endpoint = await serve(() => {});
    const server = running.pop() as Server;
    await new Promise((resolve) => server.close(resolve));
    expect(await exchange(endpoint)).toBe('refused');
  });

  test('a connection that breaks after the request may have delivered it', async () => {
    const endpoint = await serve((request) => request.socket.destroy());
    expect(await exchange(endpoint, { method: 'PUT', body: Uint8Array.of(1) })).toBe('lost');
  });

  test('a connection that breaks before it was secured has delivered nothing', async () => {
    const endpoint = await serve(() => {});
    // What begins a handshake is no HTTP to it, and it hangs up.
    (running.at(-1) as Server).on('clientError', (_, socket) => socket.destroy());
    const request = { method: 'PUT', body: Uint8Array.of(1) } as const;
    const ending = await exchange(endpoint.replace('http:', 'https:'), request);
    expect(ending).toBe(make === overNode ? 'refused' : 'lost');
  });

  test('half an answer is no answer', async () => {
    const endpoint = await serve((request, response) => {
      response.writeHead(200, { 'Content-Length': '10' });
      response.write('half', () => request.socket.destroy());
    });
    expect(await exchange(endpoint)).toBe('lost');
  });

  test('what is abandoned is broken off, and never heard of again', async () => {
    const port = make();
    running.push(port);
    let heard = 0;
    const closed = new Promise<void>((resolve) => {
      void serve((request) => {
        request.socket.on('close', () => resolve());
        abandon();
      }).then((endpoint) => {
        const request = { method: 'GET', endpoint, path: '/', headers: {}, body: null } as const;
        abandon = port.send(request, () => {
          heard += 1;
        });
      });
    });
    let abandon = () => {};
    await closed;
    expect(heard).toBe(0);
  });

  test('what is abandoned says whether it may have left', async () => {
    const port = make();
    running.push(port);
    const request = { method: 'PUT', path: '/', headers: {}, body: Uint8Array.of(1) } as const;
    let arrived = () => {};
    const hasArrived = new Promise<void>((resolve) => {
      arrived = resolve;
    });
    const endpoint = await serve(() => arrived());
    const early = port.send({ ...request, endpoint }, () => {});
    expect(early()).toBe(make !== overNode);
    const late = port.send({ ...request, endpoint }, () => {});
    await hasArrived;
    expect(late()).toBe(true);
  });

  test('a client finds its way by it', async () => {
    const endpoint = await serve((request, response) => {
      const isOpening = request.url === '/v1/sessions';
      response.writeHead(isOpening ? 201 : 200, { 'Statecraft-Index': '5' });
      response.end(isOpening ? '{"session":3}' : '{"key":"k","revision":5}');
    });
    const other = await serve((request, response) => {
      response.writeHead(307, { Location: `${endpoint}${request.url}` }).end();
    });
    const client = connect({ endpoints: [other], http: make() });
    expect(await client.put('k', 'v')).toEqual({
      outcome: 'applied',
      result: { revision: 5 },
      index: 5,
    });
    await client.close();
  });
});
