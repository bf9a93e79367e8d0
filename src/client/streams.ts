/**
 * The streams of a client, one to each server that it asks, and HTTP where there is none: at a server
 * or behind a proxy that knows no streams, and as long as one is not open.
 */
import type { Endpoint } from '../../machines/rules/request.ts';
import type { Clock } from '../ports/clock.ts';
import type { SessionCommand } from '../ports/outcome.ts';
import type { OpenStream } from '../ports/stream.ts';
import type { ReceivedAnswer } from './outcome-mapping.ts';
import type { ServerCall } from './server-call.ts';
import { Stream, type StreamedCall } from './stream.ts';
import { isToken, type TokenSource } from './token-source.ts';

/** How long a request waits for a stream to open before it goes over HTTP. */
const PATIENCE_MS = 250;
/** How long a stream may take to open. */
const OPENS_WITHIN_MS = 5_000;
/** How long only HTTP is used after a failure; twice as long after each further one. */
const REST_MIN_MS = 500;
const REST_MAX_MS = 60_000;

/** What is known of the streams to one server. */
interface StreamState {
  stream: Stream | null;
  /** Whether requests wait for it to open. */
  isWorthWaiting: boolean;
  /** Before that, it is not tried again. */
  restsUntilMs: number;
  failures: number;
}

export function streamsBy(open: OpenStream, source: TokenSource | undefined, clock: Clock) {
  const states = new Map<Endpoint, StreamState>();
  let isClosed = false;

  function stateOf(endpoint: Endpoint): StreamState {
    const known = states.get(endpoint);
    if (known !== undefined) return known;
    const state = { stream: null, isWorthWaiting: false, restsUntilMs: 0, failures: 0 };
    states.set(endpoint, state);
    return state;
  }

  /** Begins to open one; a token that is a function is asked for it first. */
  function begin(endpoint: Endpoint, state: StreamState): void {
    state.isWorthWaiting = true;
    if (source === undefined) openWith('');
    else if (typeof source === 'string') openWith(source);
    else {
      state.restsUntilMs = Number.POSITIVE_INFINITY;
      void (async () => source())().then(openWith, () => openWith(null));
    }

    function openWith(token: string | null): void {
      state.restsUntilMs = 0;
      if (isClosed) return;
      if (source !== undefined && !isToken(token)) {
        failed();
        return;
      }
      const stream: Stream = new Stream(open, endpoint, token ?? '', clock, {
        opened() {
          clock.clearTimeout(impatient);
          clock.clearTimeout(late);
          state.isWorthWaiting = true;
        },
        closed() {
          clock.clearTimeout(impatient);
          clock.clearTimeout(late);
          if (state.stream === stream) state.stream = null;
          // One that opens and then breaks is as bad as none: some proxies do that.
          if (stream.wasUseful) state.failures = 0;
          else failed();
        },
      });
      state.stream = stream;
      const impatient = clock.setTimeout(() => {
        state.isWorthWaiting = false;
        stream.sendWaitingElsewhere();
      }, PATIENCE_MS);
      const late = clock.setTimeout(() => stream.close(), OPENS_WITHIN_MS);
    }

    function failed(): void {
      const restMs = Math.min(REST_MIN_MS * 2 ** state.failures, REST_MAX_MS);
      state.restsUntilMs = clock.now() + restMs;
      state.failures += 1;
    }
  }

  /** The one that carries the next request; null for HTTP. */
  function streamTo(endpoint: Endpoint): Stream | null {
    const state = stateOf(endpoint);
    if (state.stream === null && !isClosed && clock.now() >= state.restsUntilMs) {
      begin(endpoint, state);
    }
    const { stream, isWorthWaiting } = state;
    return stream !== null && (stream.isOpen || isWorthWaiting) ? stream : null;
  }

  return {
    /**
     * Sends the request in a stream, or by `overHttp`.
     * @param ended - is called once, later, unless `overHttp` is
     * @returns what abandons it, and tells whether it may have left
     */
    ask<Result>(
      endpoint: Endpoint,
      call: ServerCall<Result>,
      session: SessionCommand | undefined,
      ended: (answer: ReceivedAnswer | 'lost') => void,
      overHttp: () => () => boolean,
    ): () => boolean {
      const stream = streamTo(endpoint);
      if (stream === null) return overHttp();
      let abandonHttp: (() => boolean) | null = null;
      const request: StreamedCall = {
        ...{ call, session, isAbandoned: false, sent: null, ended },
        sendElsewhere() {
          abandonHttp = overHttp();
        },
      };
      stream.add(request);
      return () => {
        if (abandonHttp !== null) return abandonHttp();
        const isSuspect = stream.abandon(request);
        const state = stateOf(endpoint);
        if (isSuspect && state.stream === stream) {
          state.stream = null;
          stream.retire();
        }
        return request.sent !== null;
      };
    },

    close(): void {
      isClosed = true;
      for (const { stream } of states.values()) stream?.close();
    },
  };
}
