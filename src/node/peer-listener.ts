/**
 * The peer port: takes WebSockets, and sends everything else away. Strangers, whoever has not
 * introduced itself, are few and have little time.
 */
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { FRAME_BYTES_MAX } from '../formats/frame.ts';
import type { Clock } from '../ports/clock.ts';
import { ListenError } from './listen-error.ts';
import type { ListenAddress } from './peer-addresses.ts';
import type { TransportLimits } from './transport-limits.ts';

export interface ListenerOptions {
  readonly address: ListenAddress;
  readonly clock: Clock;
  readonly limits: TransportLimits;
  accept(webSocket: WebSocket, socket: Socket): void;
  /** Something came that is no WebSocket. */
  malformed(message: string): void;
  /** Somebody was cut off before it was anybody. */
  stranger(message: string): void;
}

export class PeerListener {
  readonly #options: ListenerOptions;
  readonly #server: Server;
  readonly #webSockets: WebSocketServer;
  /** With the deadline of each; null once it is a WebSocket, which has its own. */
  readonly #strangers = new Map<Socket, unknown>();

  constructor(options: ListenerOptions) {
    this.#options = options;
    this.#server = createServer({ maxHeaderSize: 16 * 1024 }, (request, response) => {
      this.#malformed(request.socket, `an HTTP request for ${request.url?.slice(0, 80)}`);
      response.writeHead(426, { 'Content-Type': 'text/plain', Connection: 'close' });
      response.end('This is the port of the other servers. Clients use another one.\n');
    });
    this.#webSockets = new WebSocketServer({
      server: this.#server,
      perMessageDeflate: false,
      maxPayload: FRAME_BYTES_MAX,
      clientTracking: false,
    });
    this.#server.on('connection', (socket) => this.#connected(socket));
    this.#server.on('clientError', (error, socket) => {
      this.#malformed(socket as Socket, `something that is not HTTP (${error.message})`);
      socket.destroy();
    });
    this.#webSockets.on('connection', (webSocket: WebSocket, request: IncomingMessage) => {
      this.#clearDeadline(request.socket);
      options.accept(webSocket, request.socket);
    });
    this.#webSockets.on('wsClientError', (error, socket) => {
      this.#malformed(socket as Socket, `no proper WebSocket (${error.message})`);
      socket.destroy();
    });
  }

  /** @throws ListenError */
  open(): Promise<void> {
    const { host, port } = this.#options.address;
    return new Promise((resolve, reject) => {
      this.#webSockets.once('error', (error) => reject(new ListenError({ host, port }, error)));
      this.#server.listen(port, host, () => {
        this.#webSockets.removeAllListeners('error');
        this.#webSockets.on('error', (error) => this.#options.stranger(error.message));
        resolve();
      });
    });
  }

  /** It has introduced itself. */
  admit(socket: Socket): void {
    this.#forget(socket);
  }

  async close(): Promise<void> {
    this.#webSockets.close();
    for (const socket of this.#strangers.keys()) socket.destroy();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #connected(socket: Socket): void {
    const { clock, limits, stranger } = this.#options;
    if (this.#strangers.size >= limits.strangersMax) {
      stranger(
        `A connection from ${socket.remoteAddress} is one too many (${limits.strangersMax}).`,
      );
      socket.destroy();
      return;
    }
    const cutOff = () => {
      stranger(`The connection from ${socket.remoteAddress} is closed: it said nothing in time.`);
      socket.destroy();
    };
    this.#strangers.set(socket, clock.setTimeout(cutOff, limits.greetingDeadlineMs));
    socket.once('close', () => this.#forget(socket));
    socket.on('error', () => socket.destroy());
  }

  #malformed(socket: Socket, what: string): void {
    this.#options.malformed(
      `A connection from ${socket.remoteAddress} is closed: it sent ${what}.`,
    );
  }

  #clearDeadline(socket: Socket): void {
    if (!this.#strangers.has(socket)) return;
    this.#options.clock.clearTimeout(this.#strangers.get(socket));
    this.#strangers.set(socket, null);
  }

  #forget(socket: Socket): void {
    this.#clearDeadline(socket);
    this.#strangers.delete(socket);
  }
}
