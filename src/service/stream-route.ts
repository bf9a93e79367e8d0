/**
 * `/v1/stream`: the handshake of streams, behind the same checks as any request, and what bounds those
 * that have not shown a token yet (docs: Streaming).
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import { directCallsOf } from '../host/direct-calls.ts';
import { commands } from '../kv/codec.ts';
import {
  CLOSE,
  REQUEST_MESSAGE_BYTES_MAX,
  STREAM_PATH,
  STREAM_SUBPROTOCOL,
} from '../streaming/kinds.ts';
import type { FastifyInstance } from '../vendor/fastify.ts';
import { hostRefusal } from './admission.ts';
import type { ServiceContext } from './context.ts';
import { badRequest, HttpError } from './errors.ts';
import { pathOf } from './key.ts';
import { sendRawError } from './malformed.ts';
import { stopping } from './outcome-to-response.ts';
import { siteRefusal } from './sites.ts';
import { StreamConnection } from './stream-connection.ts';
import { targetOf } from './target.ts';

/** From the handshake to the whole hello. */
const HELLO_WITHIN_MS = 5_000;
/** Connections that have not said hello; another one takes the place of the oldest. */
const WAITING_MAX = 64;
const PING_EVERY_MS = 20_000;
/** How long a client may leave its answers unread. */
const TAKEN_WITHIN_MS = 60_000;
/** For what is under way when the service closes. */
const FINISH_WITHIN_MS = 800;

/** @returns what answers everything under way, as far as it can, and closes every stream */
export function addStreamRoute(app: FastifyInstance, context: ServiceContext): () => Promise<void> {
  const door = new StreamDoor(context);
  app.server.on('upgrade', (request, socket, head) => {
    if (pathOf(targetOf(request)) === STREAM_PATH) door.upgrade(request, socket, head);
  });
  app.get(STREAM_PATH, async () => {
    throw new HttpError(
      'upgrade_required',
      `${STREAM_PATH} is a WebSocket; its subprotocol is ${STREAM_SUBPROTOCOL}`,
      { headers: { upgrade: 'websocket', connection: 'upgrade' } },
    );
  });
  return () => door.close();
}

class StreamDoor {
  readonly #context: ServiceContext;
  readonly #calls: ReturnType<typeof callsOf>;
  readonly #webSockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: REQUEST_MESSAGE_BYTES_MAX,
    clientTracking: false,
    handleProtocols: () => STREAM_SUBPROTOCOL,
  });
  /** Those that have not said hello, the oldest first. */
  readonly #waiting = new Set<StreamConnection>();
  readonly #open = new Set<StreamConnection>();
  readonly #pings: NodeJS.Timeout;
  #isClosed = false;

  constructor(context: ServiceContext) {
    this.#context = context;
    this.#calls = callsOf(context);
    this.#pings = setInterval(() => this.#ping(), PING_EVERY_MS).unref();
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const refusal = this.#refusal(request);
    if (refusal !== null) {
      if (refusal.status === 403 || refusal.status === 421) {
        this.#context.audit.refused(request, null, refusal);
      }
      sendRawError(socket, refusal, this.#context);
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      const sockets = { webSocket, socket, handshake: request };
      const connection = new StreamConnection(this.#context, this.#calls, sockets, () => {
        clearTimeout(late);
        this.#waiting.delete(connection);
        this.#open.add(connection);
        this.#context.streams.connections = this.#open.size;
      });
      const late = setTimeout(
        () => connection.close(CLOSE.tooLate, `no hello within ${HELLO_WITHIN_MS} ms`),
        HELLO_WITHIN_MS,
      );
      webSocket.once('close', () => {
        clearTimeout(late);
        this.#waiting.delete(connection);
        this.#open.delete(connection);
        this.#context.streams.connections = this.#open.size;
      });
      this.#wait(connection);
    });
  }

  #wait(connection: StreamConnection): void {
    this.#waiting.add(connection);
    if (this.#waiting.size <= WAITING_MAX) return;
    const [oldest] = this.#waiting;
    if (oldest === undefined) return;
    this.#waiting.delete(oldest);
    oldest.close(CLOSE.tryAgain, `${WAITING_MAX} connections have come since without a hello`);
  }

  #refusal(request: IncomingMessage): HttpError | null {
    const context = this.#context;
    const refusal = hostRefusal(request, context) ?? siteRefusal(request, context);
    if (refusal !== null) return refusal;
    if (this.#isClosed || context.isStopping()) return stopping(context);
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',');
    if (offered.some((name) => name.trim() === STREAM_SUBPROTOCOL)) return null;
    return badRequest(`the subprotocol of a stream is ${STREAM_SUBPROTOCOL}`);
  }

  /** Connections that do not answer, or take nothing, are gone, whatever their sockets say. */
  #ping(): void {
    for (const connection of this.#open) {
      const { pausedForMs } = connection;
      const waitsMs = Math.max(pausedForMs, connection.untakenForMs());
      if (waitsMs > TAKEN_WITHIN_MS) connection.cut();
      else if (pausedForMs > 0) continue;
      else if (connection.isAlive) connection.ping();
      else connection.cut();
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#pings);
    const reason = `server ${this.#context.server.id} stops`;
    const all = [...this.#waiting, ...this.#open];
    await Promise.all(all.map((one) => one.finish(CLOSE.goingAway, reason, FINISH_WITHIN_MS)));
  }
}

function callsOf({ server }: ServiceContext) {
  return directCallsOf(server, commands);
}
