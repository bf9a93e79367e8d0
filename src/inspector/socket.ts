/**
 * The inspector's WebSocket: who may watch, and how many at once. The HTTP server of the clients' port
 * serves it beside everything else.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { originRefusal } from './origins.ts';
import { type InspectionSource, PageConnection, type PageLimits } from './page-connection.ts';
import { INSPECTION_SUBPROTOCOL, SOCKET_PATH, TOKEN_PREFIX } from './protocol.ts';

export interface InspectorSocketOptions {
  readonly source: InspectionSource;
  /** Of all servers that serve the page, this one's included; '' for one that is not known yet. */
  readonly addresses: () => readonly string[];
  /** Whether a `Host` header names this server. */
  readonly isOurHost: (host: string) => boolean;
  /**
   * Who may watch, by the token that was shown: null, or the code and words of the refusal. Without a
   * guard every page of the right origin may.
   */
  readonly guard?: (request: IncomingMessage, token: string | null) => Denial | null;
  /** Whether every connection has proved who it is before. */
  readonly provesWho?: boolean;
  readonly pagesMax?: number;
  readonly limits?: PageLimits;
}

const PAGES_MAX = 4;
/** A page says `ping`, and nothing else. */
const MESSAGE_BYTES_MAX = 1024;
const TRY_LATER = 1013;
/** Time to read a refusal; closing at once would reset the connection before. */
const LINGER_MS = 1_000;
/** How long a page has to close its side. */
const CLOSE_GRACE_MS = 200;
/** How long, and how often, a server that has just started checks whether it knows the others by now. */
const KNOWN_WITHIN_MS = 3_000;
const KNOWN_EVERY_MS = 50;

/** Sent by closing: a browser hides from its page why a handshake was refused. */
export interface Denial {
  readonly code: number;
  readonly reason: string;
}

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export class InspectorSocket {
  readonly #options: InspectorSocketOptions;
  readonly #pagesMax: number;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES_MAX,
    clientTracking: false,
    // Never the one that holds a token.
    handleProtocols: (offered) => offered.has(INSPECTION_SUBPROTOCOL) && INSPECTION_SUBPROTOCOL,
  });
  readonly #pages = new Map<WebSocket, PageConnection>();
  /** Handshakes that are neither accepted nor refused yet. */
  #undecided = 0;
  #isClosed = false;

  constructor(options: InspectorSocketOptions) {
    this.#options = options;
    this.#pagesMax = options.pagesMax ?? PAGES_MAX;
  }

  /** How many pages are connected. */
  get pages(): number {
    return this.#pages.size;
  }

  /** For the HTTP server's `upgrade` event. */
  readonly upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
    socket.on('error', () => socket.destroy());
    const isUndecided = this.#mayBeOurs(this.#refusal(request));
    if (!isUndecided || this.#undecided >= this.#pagesMax) {
      this.#decide(request, socket, head);
      return;
    }
    this.#undecided += 1;
    this.#decideLater(request, socket, head, performance.now() + KNOWN_WITHIN_MS);
  };

  /**
   * Until it knows where the other servers serve the page, a server cannot tell their pages from
   * foreign ones: such a page waits, or every server that comes back would refuse it. No more may wait
   * than may watch.
   */
  #decideLater(request: IncomingMessage, socket: Duplex, head: Buffer, untilMs: number): void {
    const isWorthwhile = !socket.destroyed && performance.now() < untilMs;
    if (isWorthwhile && this.#mayBeOurs(this.#refusal(request))) {
      setTimeout(() => this.#decideLater(request, socket, head, untilMs), KNOWN_EVERY_MS);
      return;
    }
    this.#undecided -= 1;
    if (!socket.destroyed) this.#decide(request, socket, head);
  }

  #mayBeOurs(refusal: Refusal | null): boolean {
    const isForeign = refusal?.code === 'foreign_origin';
    return isForeign && !this.#isClosed && this.#options.addresses().includes('');
  }

  #decide(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const refusal = this.#refusal(request);
    if (refusal !== null) {
      refuse(socket, refusal);
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const denial = this.#options.guard?.(request, tokenIn(request)) ?? null;
      if (denial === null) this.#admit(webSocket);
      else deny(webSocket, denial);
    });
  }

  /** Tells every page why; resolves when all are disconnected. Idempotent. */
  async close(why: string): Promise<void> {
    this.#isClosed = true;
    const closed = [...this.#pages].map(([webSocket, page]) => {
      page.finish(why);
      return closing(webSocket);
    });
    await Promise.all(closed);
  }

  #refusal(request: IncomingMessage): Refusal | null {
    const { host, origin } = request.headers;
    const { isOurHost, addresses, guard, provesWho = false } = this.#options;
    if ((request.url ?? '').replace(/\?.*$/, '') !== SOCKET_PATH) {
      const message = `only ${SOCKET_PATH} is a WebSocket: send this without an Upgrade header`;
      return { status: 400, code: 'bad_request', message };
    }
    if (host === undefined || !isOurHost(host)) {
      const message = `"${host ?? ''}" is not this server's name`;
      return { status: 421, code: 'wrong_host', message };
    }
    const { remoteAddress } = request.socket;
    const isKnown = guard !== undefined || provesWho;
    const caller = { origin, host, remoteAddress, isKnown };
    const foreign = originRefusal(caller, addresses());
    if (foreign !== null) return { status: 403, code: 'foreign_origin', message: foreign };
    if (!this.#isClosed) return null;
    return { status: 503, code: 'stopping', message: 'this server is stopping' };
  }

  #admit(webSocket: WebSocket): void {
    const { source, limits } = this.#options;
    if (this.#pages.size >= this.#pagesMax) {
      const reason = `${this.#pagesMax} pages are connected already: close one of them first`;
      deny(webSocket, { code: TRY_LATER, reason });
      return;
    }
    webSocket.once('close', () => this.#pages.delete(webSocket));
    this.#pages.set(webSocket, new PageConnection(webSocket, source, limits));
  }
}

/** The token among the subprotocols that were offered; null without one. */
function tokenIn({ headers }: IncomingMessage): string | null {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
  const shown = offered.find((name) => name.startsWith(TOKEN_PREFIX));
  return shown?.slice(TOKEN_PREFIX.length) ?? null;
}

function deny(webSocket: WebSocket, { code, reason }: Denial): void {
  webSocket.on('error', () => {});
  webSocket.close(code, reason);
  void closing(webSocket);
}

/** Resolves when it is closed: by its page, or soon without it. */
function closing(webSocket: WebSocket): Promise<void> {
  const late = setTimeout(() => webSocket.terminate(), CLOSE_GRACE_MS);
  return new Promise((resolve) => {
    webSocket.once('close', () => {
      clearTimeout(late);
      resolve();
    });
  });
}

function refuse(socket: Duplex, { status, code, message }: Refusal): void {
  const body = JSON.stringify({ error: { code, message } });
  const head = [
    `HTTP/1.1 ${status} ${code}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
  // Also when the other end leaves it half open: nothing else watches over it any more.
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
