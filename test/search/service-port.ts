/**
 * How the clients of a searched history reach its servers: the real client's exchanges, answered as
 * the service answers them, by the simulated servers' own verbs, in virtual time.
 */
import type { IncomingMessage } from 'node:http';
import type {
  ExchangeResult,
  HttpPort,
  HttpRequest,
  HttpResponse,
} from '../../src/client/index.ts';
import type {
  KeyValueAnswer,
  KeyValueCommand,
  KeyValueQuery,
  KeyValueResult,
} from '../../src/kv/vocabulary.ts';
import { etagOf, writeConditionOf } from '../../src/service/conditions.ts';
import type { ServiceContext } from '../../src/service/context.ts';
import { HttpError } from '../../src/service/errors.ts';
import { appliedOrThrow, readOrThrow } from '../../src/service/outcome-to-response.ts';
import { sessionOf } from '../../src/service/session-headers.ts';
import type { SeededRandom } from '../../src/simulation/index.ts';
import type { RunContext } from '../../src/simulation/search/subject.ts';

export type Context = RunContext<KeyValueCommand, KeyValueResult, KeyValueQuery, KeyValueAnswer>;
type Server = Context['cluster']['servers'][number];

const LATENCY_MAX_MS = 2;
const encoder = new TextEncoder();

export interface ServicePortOptions {
  readonly cluster: Context['cluster'];
  readonly random: SeededRandom;
  readonly counter: Context['counter'];
  /** The probability, just now, that a request or its answer is lost. */
  readonly loss: () => number;
  readonly callTimeoutMs: number;
}

export function endpointOf(id: string): string {
  return `http://${id}`;
}

/** Of one client. */
export function servicePort(options: ServicePortOptions): HttpPort {
  const { cluster, random, counter, loss } = options;
  const { clock } = cluster;
  const sent = new Set<string>();

  const noteCommand = ({ headers }: HttpRequest) => {
    const sequence = headers['Statecraft-Sequence'];
    if (sequence === undefined) return;
    const name = `${headers['Statecraft-Session']}/${sequence}`;
    if (sent.has(name)) counter.add('retriedCommands');
    sent.add(name);
  };

  return {
    send(request, done) {
      noteCommand(request);
      let isAbandoned = false;
      const end = (ending: ExchangeResult) => {
        // What is lost is lost in silence, or with the connection.
        const isLost = ending !== 'refused' && random.chance(loss());
        if (isLost && random.chance(0.5)) return;
        const told = isLost ? 'lost' : ending;
        if (typeof told !== 'string' && told.status === 307) counter.add('redirects');
        if (typeof told !== 'string' && told.status === 201) counter.add('sessionsOpened');
        clock.setTimeout(
          () => {
            if (!isAbandoned) done(told);
          },
          random.between(0, LATENCY_MAX_MS),
        );
      };
      if (random.chance(loss())) end('lost');
      else {
        const arrive = () => void answerOf(request, options).then(end);
        clock.setTimeout(arrive, random.between(0, LATENCY_MAX_MS));
      }
      return () => {
        isAbandoned = true;
        return true;
      };
    },
    close() {},
  };
}

async function answerOf(
  request: HttpRequest,
  options: ServicePortOptions,
): Promise<ExchangeResult> {
  const { cluster, callTimeoutMs } = options;
  const server = cluster.at(request.endpoint.slice(endpointOf('').length));
  if (!server.isRunning) return 'refused';
  try {
    return await routed(request, server, callTimeoutMs);
  } catch (error) {
    if (error === SEVERED) return 'lost';
    if (!(error instanceof HttpError)) throw error;
    return answer(error.status, error.body, error.headers);
  }
}

/** The process is gone: nobody answers what was under way. */
const SEVERED = new Error('the server has crashed');

async function routed(request: HttpRequest, server: Server, timeoutMs: number) {
  const { method, path, body } = request;
  const headers = lowerCased(request.headers);
  const raw = { method, url: path } as IncomingMessage;
  // Of the context, the rules of outcomes read these.
  const context = { server, callTimeoutMs: timeoutMs } as unknown as ServiceContext;
  if (path === '/v1/sessions') {
    const outcome = stillThere(await server.openSession({ timeoutMs }));
    const { result, index } = appliedOrThrow(context, outcome, raw);
    return answer(201, JSON.stringify(result), { 'statecraft-index': String(index) });
  }
  const [, key = '', action] = /^\/v1\/kv\/([^/]+)(\/append)?$/.exec(path) ?? [];
  if (method === 'GET') {
    const outcome = stillThere(await server.query({ type: 'get', key }, { timeoutMs }));
    const { result, index } = readOrThrow(context, outcome, raw);
    if (result.type !== 'found') throw new HttpError('not_found', `no such key: ${key}`);
    const { value, revision } = result;
    return answer(200, value, { 'statecraft-index': String(index), etag: etagOf(revision) });
  }
  const session = sessionOf(headers);
  const command = { ...commandOf(method, key, action, body), ...writeConditionOf(headers) };
  const options = session === undefined ? { timeoutMs } : { timeoutMs, session };
  const outcome = stillThere(await server.propose(command as KeyValueCommand, options));
  const { result, index } = appliedOrThrow(context, outcome, raw);
  const told = { 'statecraft-index': String(index) };
  if (result.type === 'condition-failed') {
    const { revision } = result;
    throw new HttpError('condition_failed', 'the condition does not hold', {
      revision,
      headers: told,
    });
  }
  if (result.type === 'deleted' && !result.found) throw new HttpError('not_found', 'no such key');
  return answer(200, JSON.stringify({ key, ...result }), told);
}

function stillThere<O extends { readonly outcome: string; readonly reason?: string }>(outcome: O) {
  if (outcome.outcome === 'unknown' && outcome.reason === 'stopped') throw SEVERED;
  return outcome;
}

function commandOf(
  method: HttpRequest['method'],
  key: string,
  action: string | undefined,
  body: Uint8Array | null,
): KeyValueCommand {
  if (method === 'DELETE') return { type: 'delete', key };
  const type = action === undefined ? 'put' : 'append';
  return { type, key, value: body ?? new Uint8Array(0) };
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function answer(
  status: number,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return {
    status,
    header: (name) => headers[name] ?? null,
    body: typeof body === 'string' ? encoder.encode(body) : body,
  };
}
