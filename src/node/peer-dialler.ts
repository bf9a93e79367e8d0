/** Dials one peer again and again, with growing waits and jitter, while there is no connection. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { WebSocket } from 'ws';
import { FRAME_BYTES_MAX } from '../formats/frame.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import { SUBPROTOCOL } from './peer-listener.ts';
import type { TransportLimits } from './transport-limits.ts';

interface DiallerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly limits: TransportLimits;
  isConnected(): boolean;
  /** Begins an attempt, numbered from 0 since one succeeded, and calls `ended` when it has ended. */
  dial(attempt: number, ended: () => void): void;
}

export class PeerDialler {
  readonly #options: DiallerOptions;
  #timer: unknown = null;
  /** The attempt that has neither succeeded nor ended. */
  #dialling: number | null = null;
  #isStopped = false;
  /** Whether a connection that there is has to be replaced. */
  #isRenewing = false;
  /** Since one succeeded, and in all. */
  #attempt = 0;
  #dials = 0;
  #waitMs: number;

  constructor(options: DiallerOptions) {
    this.#options = options;
    this.#waitMs = options.limits.dialWaitMinMs;
  }

  /** There may be no connection: reaches for one, at once or after the wait that is due. */
  wake(isUrgent = false): void {
    const { clock, random, limits } = this.#options;
    if (this.#isStopped || this.#dialling !== null || this.#timer !== null || !this.#isWanted)
      return;
    const delayMs = isUrgent ? 0 : this.#waitMs * (0.5 + random.next() / 2);
    this.#timer = clock.setTimeout(() => this.#dial(), delayMs);
    this.#waitMs = Math.min(limits.dialWaitMaxMs, 2 * this.#waitMs);
  }

  /** There is a connection, which has to be proved anew: reaches for another one beside it. */
  renew(): void {
    this.#isRenewing = true;
    this.#waitMs = this.#options.limits.dialWaitMinMs;
    this.wake(true);
  }

  /** There is a new one: the next wait is short again. */
  succeeded(): void {
    this.#isRenewing = false;
    this.#dialling = null;
    this.#attempt = 0;
    this.#waitMs = this.#options.limits.dialWaitMinMs;
  }

  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) this.#options.clock.clearTimeout(this.#timer);
  }

  get #isWanted(): boolean {
    return this.#isRenewing || !this.#options.isConnected();
  }

  #dial(): void {
    this.#timer = null;
    if (this.#isStopped || !this.#isWanted) return;
    const number = this.#dials;
    this.#dials += 1;
    this.#dialling = number;
    this.#options.dial(this.#attempt, () => {
      if (this.#dialling === number) this.#dialling = null;
      this.wake();
    });
    this.#attempt += 1;
  }
}

/**
 * Begins to open a WebSocket to a peer.
 * @param failed - somebody is there, and it is not the peer that was looked for
 */
export function dialPeer(
  url: string,
  options: ConnectionOptions,
  limits: TransportLimits,
  opened: (socket: Socket) => void,
  failed: (reason: string) => void,
): WebSocket {
  const webSocket = new WebSocket(url, [SUBPROTOCOL], {
    ...options,
    perMessageDeflate: false,
    maxPayload: FRAME_BYTES_MAX,
    // Masks protect proxies from what web pages send; here nobody is between, and they cost.
    generateMask: () => {},
  });
  let isLate = false;
  // In all: a timeout of the socket would begin anew with every byte that trickles in.
  const deadline = setTimeout(() => {
    isLate = true;
    webSocket.terminate();
  }, limits.handshakeDeadlineMs);
  let socket: Socket | null = null;
  webSocket.once('upgrade', (response: IncomingMessage) => {
    socket = response.socket;
  });
  webSocket.once('open', () => {
    clearTimeout(deadline);
    if (socket !== null) opened(socket);
  });
  webSocket.on('error', (error: Error & { readonly code?: string }) => {
    if (webSocket.readyState !== WebSocket.OPEN && !ABSENCE.has(error.code ?? '')) {
      failed(isLate ? 'it did not answer in time' : reasonOf(error));
    }
  });
  webSocket.once('close', () => clearTimeout(deadline));
  return webSocket;
}

/** Nobody is there, perhaps only for now: no reason to report anything. */
const ABSENCE: ReadonlySet<string> = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'EHOSTDOWN'],
]);

function reasonOf({ message, code = '' }: Error & { readonly code?: string }): string {
  if (message === 'Server sent no subprotocol') {
    return `it does not speak ${SUBPROTOCOL}, so it is a server of an older version: stop all servers of the cluster and update them together`;
  }
  if (message.includes('SSL routines')) {
    const [, words = code] = /:SSL routines:[^:]*:([^:]+)/.exec(message) ?? [];
    return `TLS fails (${words}): the cluster key or the certificates of the two servers differ, or one of them uses no TLS`;
  }
  return message;
}
