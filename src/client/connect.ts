/**
 * The client (§8; thesis §6.3): finds the leader, follows it when it changes, repeats commands in a
 * session so that each takes effect at most once, and says so when the outcome is unknown.
 */

import type { RequestKind } from '../../machines/rules/request.ts';
import { CLIENT_ADDRESS, whyNotAddress } from '../formats/address.ts';
import { type Condition, valueBytesMax } from '../kv/vocabulary.ts';
import type { Clock } from '../ports/clock.ts';
import type { HttpPort } from '../ports/http.ts';
import type { ClientOutcome, ClientRefused, SessionCommand } from '../ports/outcome.ts';
import type { Random } from '../ports/random.ts';
import type { CallOptions } from '../ports/server.ts';
import { RequestPool } from '../session/request-pool.ts';
import { SessionManager, type SessionOpener } from '../session/session-manager.ts';
import { timeoutOf } from '../session/timeout.ts';
import { fetchPort } from './fetch-port.ts';
import type * as operations from './operations.ts';
import { Attempts, outcomeOf, refusedFor } from './outcome-mapping.ts';
import {
  appendCall,
  closeSessionCall,
  deleteCall,
  getCall,
  listCall,
  openSessionCall,
  putCall,
  type ServerCall,
} from './server-call.ts';
import { type EndpointStatus, serversAt } from './servers.ts';
import type { TokenSource } from './token-source.ts';

/** Where the servers are, and how a client asks them. Durations are milliseconds. */
export interface ConnectOptions {
  /** Where servers answer clients, e.g. `http://127.0.0.1:7101`; some of them are enough. */
  readonly endpoints: readonly string[];
  /**
   * Default true: commands are repeated until they are answered, and take effect at most once.
   * Without, a command is repeated only when it was definitely not applied.
   */
  readonly session?: boolean;
  /**
   * Sent to the endpoints, and to the servers that they name as members of the cluster. A function is
   * called before each request, so that the token can be renewed.
   */
  readonly token?: TokenSource;
  /** Every call has settled after this time. Default 10,000. */
  readonly timeoutMs?: number;
  /**
   * When to ask another server instead of waiting for this one; earlier where there would not be time
   * to ask all of them. Default 2,000.
   */
  readonly attemptTimeoutMs?: number;
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch;
  /** Instead of `fetch`: on Node.js, `nodeHttpPort()` is several times as fast. */
  readonly http?: HttpPort;
  /**
   * Whether requests go in a stream, many at a time on one connection, to servers that have one:
   * default true. What cannot go there goes over HTTP, and so does everything where the port, or the
   * `fetch`, that is given has no streams.
   */
  readonly stream?: boolean;
  /** Chance for pauses between repeats. Default: the platform’s. */
  readonly random?: Random;
  /** Default: real time. */
  readonly clock?: Clock;
}

/** For one write: how long it may take, and the condition under which it takes effect. */
export interface WriteOptions extends CallOptions, Condition {}

/** For one read: whether it must see every write that was answered before. */
export interface ReadOptions extends CallOptions {
  /** Default `linearizable`. `stale`: whatever a server has, perhaps from the past. */
  readonly consistency?: operations.Consistency;
}

/** Every call settles with an outcome; one rejects only for misuse, with a TypeError. */
export interface Client {
  /** Sets the value. A string stands for its UTF-8 bytes. */
  put(
    key: string,
    value: string | Uint8Array,
    options?: WriteOptions,
  ): Promise<ClientOutcome<{ readonly revision: number }>>;
  /** Adds to the end of the value; a key that is not there counts as empty. */
  append(
    key: string,
    value: string | Uint8Array,
    options?: WriteOptions,
  ): Promise<ClientOutcome<{ readonly revision: number; readonly length: number }>>;
  /** Removes the key; one that is not there is not an error, and `found` says so. */
  delete(key: string, options?: WriteOptions): Promise<ClientOutcome<{ readonly found: boolean }>>;
  /** The result is null when there is no such key. */
  get(key: string, options?: ReadOptions): Promise<ClientOutcome<operations.Value | null>>;
  /** A page of keys in the order of their UTF-8 bytes. */
  list(options?: operations.ListOptions & ReadOptions): Promise<ClientOutcome<operations.ListPage>>;
  /** What each of the endpoints says of itself; also without a leader. */
  status(options?: CallOptions): Promise<readonly EndpointStatus[]>;
  /** Gives up what is under way and closes the session. Idempotent. */
  close(): Promise<void>;
}

const closingMs = 1_000;

/**
 * A client of a cluster: it finds the leader, and repeats what may be repeated, until each call
 * settles.
 *
 * @throws TypeError without endpoints, or with one that is not an `http` or `https` address, with a
 *   text that cannot be a token, or with a timeout that is not a number of milliseconds.
 * @example
 * const client = connect({ endpoints: ['http://127.0.0.1:7101', 'http://127.0.0.1:7102'] });
 * const written = await client.put('greeting', 'hello');
 * if (written.outcome === 'applied') console.log(written.result.revision);
 */
export function connect(options: ConnectOptions): Client {
  const timeoutDefaultMs = timeoutOf(options.timeoutMs ?? 10_000);
  const attemptTimeoutMs = timeoutOf(options.attemptTimeoutMs ?? 2_000, 'attemptTimeoutMs');
  const endpoints = options.endpoints.map(endpointOf);
  if (endpoints.length === 0) throw new TypeError('A client needs at least one endpoint.');
  const { clock = platformClock, random = { next: () => Math.random() }, token } = options;
  const { http = fetchPort(options.fetch) } = options;
  const servers = serversAt(endpoints, http, token, clock, options.stream ?? true);
  // Short enough for every server to be asked in time, and for one more that they redirect to.
  const shareOf = (timeoutMs: number) =>
    Math.min(attemptTimeoutMs, timeoutMs / (endpoints.length + 1));
  const pool = new RequestPool({ endpoints, attemptTimeoutMs: shareOf, clock, random });
  /** Of the session that is being opened. */
  let opening = new Attempts();
  const opener: SessionOpener<ClientRefused> = {
    async open(deadlineMs) {
      opening = new Attempts();
      const attempt = servers.attempting(openSessionCall, opening);
      const result = await pool.run('session', attempt, deadlineMs);
      const outcome = outcomeOf(result, opening);
      if (outcome.outcome === 'applied') return outcome.result as number;
      // Otherwise time was too short: whoever may wait for longer is not refused for it.
      const isFinal = result.outcome === 'answered' || result.reason === 'untrusted';
      return isFinal && outcome.outcome === 'refused' ? outcome : null;
    },
    refusalOf(why) {
      if (why === 'not-open') return refusedFor(opening.error, opening.note);
      return refusedFor(why === 'full' ? 'overloaded' : 'cancelled');
    },
  };
  const sessions = options.session === false ? null : new SessionManager(opener, clock);
  let isClosed = false;

  async function call<Result>(
    kind: RequestKind,
    asked: ServerCall<Result>,
    { timeoutMs = timeoutDefaultMs, signal }: CallOptions,
  ): Promise<ClientOutcome<Result>> {
    if (isClosed) throw new TypeError('This client was closed; connect again.');
    const deadlineMs = clock.now() + timeoutOf(timeoutMs);
    if (signal?.aborted) return refusedFor('cancelled');
    if (asked.valueBytes > valueBytesMax) return refusedFor('too-large');
    const attempts = new Attempts();
    const ask = async (session?: () => SessionCommand) => {
      const attempt = servers.attempting(asked, attempts, session);
      const settled = await pool.run(kind, attempt, deadlineMs, signal);
      return outcomeOf(settled, attempts) as ClientOutcome<Result>;
    };
    if (kind !== 'sequencedCommand' || sessions === null) return ask();
    return sessions.run(deadlineMs, signal, async (command, expire) => {
      const outcome = await ask(command);
      if (attempts.answer?.hasSessionExpired) expire();
      return outcome;
    });
  }

  const command = sessions === null ? 'command' : 'sequencedCommand';
  const kindOf = ({ consistency }: ReadOptions) => (consistency === 'stale' ? 'staleRead' : 'read');
  return {
    put: async (key, value, on = {}) => call(command, putCall(key, value, on), on),
    append: async (key, value, on = {}) => call(command, appendCall(key, value, on), on),
    delete: async (key, on = {}) => call(command, deleteCall(key, on), on),
    get: async (key, on = {}) => call(kindOf(on), getCall(key, on.consistency), on),
    list: async (on = {}) => call(kindOf(on), listCall(on), on),
    status: async (on = {}) => {
      const timeoutMs = timeoutOf(on.timeoutMs ?? attemptTimeoutMs);
      return Promise.all(endpoints.map((endpoint) => servers.status(endpoint, timeoutMs)));
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      const session = sessions?.close() ?? null;
      pool.cancelAll();
      if (session !== null) {
        const closing = servers.attempting(closeSessionCall(session), new Attempts());
        await pool.run('session', closing, clock.now() + closingMs);
      }
      servers.close();
      http.close();
    },
  };
}

/** @throws TypeError unless it is an `http` or `https` address. */
function endpointOf(text: string): string {
  const why = whyNotAddress(text, CLIENT_ADDRESS);
  if (why === null) return new URL(text).origin;
  throw new TypeError(`The endpoint "${text}" ${why}, such as http://127.0.0.1:7101.`);
}

const platformClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (id) => clearTimeout(id),
};
