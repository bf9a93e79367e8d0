/** A Fastify service of three servers: `node main.js <a|b|c> <first port> [--bootstrap]`. */
import Fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { httpAnswer, type Outcome, startServer } from 'statecraft';
import { fileStorage, rateLimited } from 'statecraft/node';
import { counters } from './counter.js';

const [id = 'a', firstPort = '7400', ...flags] = process.argv.slice(2);
const ids = ['a', 'b', 'c'];
const peerPort = (server: string) => Number(firstPort) + ids.indexOf(server);
const clientPort = peerPort(id) + ids.length;

const app = Fastify();

const server = await startServer({
  id,
  cluster: Object.fromEntries(ids.map((one) => [one, `ws://127.0.0.1:${peerPort(one)}`])),
  clusterKey: { file: 'cluster.key' },
  clientAddress: `http://127.0.0.1:${clientPort}`,
  bootstrap: flags.includes('--bootstrap'),
  storage: fileStorage(`data/${id}`),
  stateMachine: counters,
  timing: { heartbeatIntervalMs: 100, electionTimeoutMinMs: 1_000, electionTimeoutMaxMs: 2_000 },
  observer: { onWarning: rateLimited((message) => app.log.warn(message)) },
});

function send(request: FastifyRequest, reply: FastifyReply, outcome: Outcome<unknown>) {
  const { status, headers, body } = httpAnswer(server, outcome, request.url);
  return reply.code(status).headers(headers).send(body);
}

app.post<{ Params: { name: string }; Body: { by: number } }>(
  '/counters/:name',
  {
    schema: { body: { type: 'object', required: ['by'], properties: { by: { type: 'integer' } } } },
  },
  async (request, reply) => {
    const { name } = request.params;
    return send(request, reply, await server.propose({ type: 'add', name, by: request.body.by }));
  },
);

app.get<{ Params: { name: string } }>('/counters/:name', async (request, reply) => {
  const { name } = request.params;
  return send(request, reply, await server.query({ type: 'count', name }));
});

app.get('/ready', async (_request, reply) => {
  const { isReady, checks } = server.readiness();
  return reply.code(isReady ? 200 : 503).send(checks);
});

app.get('/figures', async () =>
  Object.fromEntries(server.metrics().map(({ name, value }) => [name, value])),
);

await app.listen({ host: '127.0.0.1', port: clientPort });

server.failed$.subscribe((failure) => {
  console.error(failure.message);
  process.exit(1);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await app.close();
    await server.stop();
    process.exit(0);
  });
}
