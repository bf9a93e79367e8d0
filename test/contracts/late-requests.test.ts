/** A connection whose request never arrives is answered only if it has begun one. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Service } from '../../src/service/service.ts';
import { ModelServer, serviceOf } from './model-server.ts';

let service: Service;
let port: number;

beforeEach(async () => {
  service = serviceOf(new ModelServer());
  ({ port } = await service.listen({ host: '127.0.0.1', port: 0 }));
});
afterEach(() => service.close());

/** What is answered to a connection that has sent that, once Node.js finds that it took too long. */
async function answerTo(sent: string): Promise<string> {
  const accepted = once(service.app.server, 'connection') as Promise<[Socket]>;
  const client = connect(port, '127.0.0.1');
  const [socket] = await accepted;
  if (sent !== '') {
    client.write(sent);
    while (socket.bytesRead < sent.length) await new Promise((next) => setImmediate(next));
  }
  const late = Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  service.app.server.emit('clientError', late, socket);
  let answer = '';
  for await (const chunk of client.setEncoding('latin1')) answer += chunk;
  return answer;
}

it('says nothing to one that was never used', async () => {
  expect(await answerTo('')).toBe('');
});

it('says to any other what has not arrived', async () => {
  expect(await answerTo('GET /v1/kv/k HTTP/1.1\r\n')).toMatch(
    /^HTTP\/1\.1 400 Bad Request\r\n[\s\S]*the request did not arrive in time/,
  );
});
