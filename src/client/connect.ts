/**
 * The client (§8; thesis §6): finds the leader, follows it when it changes, repeats under a session
 * so that each command takes effect at most once, and tells what is unknown as unknown.
 */

import { CLIENT_ADDRESS, whyNotAddress } from '../formats/address.ts';
import { valueBytesMax } from '../kv/vocabulary.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import { type Place, SessionGate } from '../session/session-gate.ts';
import { timeoutOf } from '../session/timeout.ts';
import { Caller } from './caller.ts';
import { fetchPort } from './fetch-port.ts';
import type { HttpPort } from './http-port.ts';
import * as operations from './operations.ts';
import type { ClientOutcome } from './outcome.ts';
import { Redirects } from './redirects.ts';
import { SessionOpening, sessionHeaders } from './session-opening.ts';
import { cancelled, outcomeOf, tooLarge, withoutPlace } from './settling.ts';
import { askStatus, type EndpointStatus } from './status.ts';
import { type TokenSource, tokenPort } from './token-port.ts';

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
   * Shown to the servers: to the endpoints, and to those that they name as members of the cluster. A
   * function is asked before each request, so that it can be renewed.
   */
  readonly token?: TokenSource;
  /** By then every call has settled. Default 10,000. */
  readonly timeoutMs?: number;
  /**
   * When to ask another server instead of waiting for this one; sooner, if all could not be asked in
   * time otherwise. Default 2,000.
   */
  readonly attemptTimeoutMs?: number;
  /** Default: the platform's. */
  readonly fetch?: typeof globalThis.fetch;
  /** Instead of `fetch`: on Node.js, `nodeHttpPort()` is several times as fast. */
  readonly http?: HttpPort;
  /** Chance for pauses between repeats. Default: the platform’s. */
  readonly random?: Random;
  /** Default: real time. */
  readonly clock?: Clock;
}

/** How long one call may take, and what ends it before. */
export interface CallOptions {
  /** By then the call has settled. */
  readonly timeoutMs?: number;
  /** Gives up: what was sent by then is unknown, not undone. */
  readonly signal?: AbortSignal;
}

/** For one write: how long it may take, and the condition under which it takes effect. */
export interface WriteOptions extends CallOptions, operations.ConditionOptions {}

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
  /** Removes the key; one that is not there is no error, and `found` says so. */
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
 * @throws TypeError without endpoints, or with one that is no `http` or `https` address; with a token
 *   that cannot be one; with a timeout that is no number of milliseconds.
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
  const clock = options.clock ?? platformClock;
  const random = options.random ?? { next: () => Math.random() };
  const { token } = options;
  const hasToken = token !== undefined;
  const bare = options.http ?? fetchPort(options.fetch);
  const http = hasToken ? tokenPort(bare, token) : bare;
  const redirects = new Redirects({ endpoints, http, clock, hasToken });
  const caller = new Caller({ endpoints, attemptTimeoutMs, http, redirects, random, clock });
  const gate =
    options.session === false ? null : new SessionGate(new SessionOpening(caller), clock);
  let isClosed = false;

  const deadlineOf = (call: CallOptions) => {
    if (isClosed) throw new TypeError('This client was closed; connect again.');
    return clock.now() + timeoutOf(call.timeoutMs ?? timeoutDefaultMs);
  };

  async function write<Result>(
    { request, read }: operations.Operation<Result>,
    { signal, ...call }: CallOptions,
  ): Promise<ClientOutcome<Result>> {
    const deadlineMs = deadlineOf(call);
    if (signal?.aborted) return cancelled();
    if ((request.body?.byteLength ?? 0) > valueBytesMax) return tooLarge();
    if (gate === null) {
      const exchange = () => request;
      return outcomeOf(await caller.call({ kind: 'command', deadlineMs, signal, exchange }), read);
    }
    const entered = gate.enter(deadlineMs, signal);
    const place = entered instanceof Promise ? await entered : entered;
    if ('reason' in place) return withoutPlace(place);
    // Given up between its place and here: nothing was sent.
    if (signal?.aborted || isClosed) {
      gate.leave(place, false);
      return cancelled();
    }
    return outcomeOf(await sendInSession(place, request, deadlineMs, signal), read);
  }

  async function sendInSession(
    place: Place,
    request: operations.Operation<unknown>['request'],
    deadlineMs: number,
    signal: AbortSignal | undefined,
  ) {
    const { window, sequence } = place;
    const settlement = await caller.call({
      kind: 'sequencedCommand',
      deadlineMs,
      signal,
      exchange: () => ({
        ...request,
        headers: { ...request.headers, ...sessionHeaders(window.placeOf(sequence)) },
      }),
    });
    gate?.leave(place, settlement.answer?.status === 410);
    return settlement;
  }

  async function read<Result>(
    { request, read }: operations.Operation<Result>,
    { signal, consistency, ...call }: ReadOptions,
  ): Promise<ClientOutcome<Result>> {
    const kind = consistency === 'stale' ? 'staleRead' : 'read';
    const deadlineMs = deadlineOf(call);
    if (signal?.aborted) return cancelled();
    const exchange = () => request;
    return outcomeOf(await caller.call({ kind, deadlineMs, signal, exchange }), read);
  }

  return {
    put: async (key, value, call = {}) => write(operations.put(key, value, call), call),
    append: async (key, value, call = {}) => write(operations.append(key, value, call), call),
    delete: async (key, call = {}) => write(operations.remove(key, call), call),
    get: async (key, call = {}) =>
      read(operations.get(key, call.consistency ?? 'linearizable'), call),
    list: async (call = {}) =>
      read(operations.list(call, call.consistency ?? 'linearizable'), call),
    status: async (call = {}) => {
      const timeoutMs = timeoutOf(call.timeoutMs ?? attemptTimeoutMs);
      return Promise.all(endpoints.map((endpoint) => askStatus(endpoint, timeoutMs, http, clock)));
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      gate?.close();
      caller.cancelAll();
      const session = gate?.session ?? null;
      if (session !== null) {
        const path = `/v1/sessions/${session}`;
        const exchange = () => ({ method: 'DELETE' as const, path, headers: {}, body: null });
        const deadlineMs = clock.now() + closingMs;
        await caller.call({ kind: 'openSession', deadlineMs, exchange });
      }
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
