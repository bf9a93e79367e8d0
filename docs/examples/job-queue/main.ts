/** One of three servers: `node main.js <a|b|c> <first port> [--bootstrap]`. */
import { appendFile } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { type HttpAnswer, httpAnswer, startServer } from 'statecraft';
import { fileStorage, rateLimited } from 'statecraft/node';
import { queue } from './queue.js';
import { workWhileLeading } from './worker.js';

const [id = 'a', firstPort = '7400', ...flags] = process.argv.slice(2);
const ids = ['a', 'b', 'c'];
const peerPort = (server: string) => Number(firstPort) + ids.indexOf(server);
const clientPort = peerPort(id) + ids.length;

const server = await startServer({
  id,
  cluster: Object.fromEntries(ids.map((one) => [one, `ws://127.0.0.1:${peerPort(one)}`])),
  clusterKey: { file: 'cluster.key' },
  clientAddress: `http://127.0.0.1:${clientPort}`,
  bootstrap: flags.includes('--bootstrap'),
  storage: fileStorage(`data/${id}`),
  stateMachine: queue,
  timing: { heartbeatIntervalMs: 100, electionTimeoutMinMs: 1_000, electionTimeoutMaxMs: 2_000 },
  observer: { onWarning: rateLimited((message) => console.error(message)) },
});

const worker = workWhileLeading(server, async (job, token, signal) => {
  await appendFile('work.log', `begin ${job.id} ${token} ${id}\n`);
  await pause(20, undefined, { signal });
  await appendFile('work.log', `end ${job.id} ${token} ${id}\n`);
});

const http = createServer(async (request, response) => {
  const { status, headers, body } = await answer(request).catch(
    (error: unknown): HttpAnswer => ({ status: 400, headers: {}, body: { error: String(error) } }),
  );
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
});
http.listen(clientPort, '127.0.0.1');

async function answer(request: IncomingMessage): Promise<HttpAnswer> {
  const { method, url = '/' } = request;
  if (method === 'POST' && url === '/jobs') {
    const { payload } = (await json(request)) as { payload: string };
    return httpAnswer(server, await server.propose({ type: 'add', payload }), url);
  }
  if (method === 'GET' && url === '/jobs') {
    return httpAnswer(server, await server.query({ type: 'all' }), url);
  }
  if (method === 'GET' && url === '/ready') {
    const { isReady, checks } = server.readiness();
    return { status: isReady ? 200 : 503, headers: {}, body: checks };
  }
  return { status: 404, headers: {}, body: { error: `there is no ${method} ${url}` } };
}

server.failed$.subscribe((failure) => {
  console.error(failure.message);
  process.exit(1);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    worker.unsubscribe();
    http.close();
    await server.stop();
    process.exit(0);
  });
}
