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

export type PeerDialler = ReturnType<typeof peerDialler>;

export function peerDialler({ clock, random, limits, isConnected, dial }: DiallerOptions) {
  let timer: unknown = null;
  /** The attempt that has neither succeeded nor ended. */
  let dialling: symbol | null = null;
  let isStopped = false;
  /** Whether a connection that there is has to be replaced. */
  let isRenewing = false;
  /** Since one succeeded. */
  let attempts = 0;
  let waitMs = limits.dialWaitMinMs;
  const isWanted = () => !isStopped && (isRenewing || !isConnected());
  const begin = () => {
    timer = null;
    if (!isWanted()) return;
    const attempt = Symbol();
    dialling = attempt;
    dial(attempts, () => {
      if (dialling === attempt) dialling = null;
      wake();
    });
    attempts += 1;
  };
  /** There may be no connection: reaches for one, at once or after the wait that is due. */
  const wake = (isUrgent = false): void => {
    if (dialling !== null || timer !== null || !isWanted()) return;
    timer = clock.setTimeout(begin, isUrgent ? 0 : waitMs * (0.5 + random.next() / 2));
    waitMs = Math.min(limits.dialWaitMaxMs, 2 * waitMs);
  };
  return {
    wake,
    /** There is a connection, which has to be proved anew: reaches for another one beside it. */
    renew(): void {
      isRenewing = true;
      waitMs = limits.dialWaitMinMs;
      wake(true);
    },
    /** There is a new one: the next wait is short again. */
    succeeded(): void {
      isRenewing = false;
      dialling = null;
      attempts = 0;
      waitMs = limits.dialWaitMinMs;
    },
    stop(): void {
      isStopped = true;
      clock.clearTimeout(timer);
    },
  };
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
