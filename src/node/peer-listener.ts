/**
 * The peer port: accepts WebSockets of servers, and turns everything else away. Connections that have
 * not proved who they are get little time, and there may be few of them, in all and from one address;
 * when there are too many, the oldest is closed: a member proves itself within one round trip.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import { FRAME_BYTES_MAX, PROTOCOL_VERSION } from '../formats/frame.ts';
import { ListenError } from './listen-error.ts';
import type { ListenAddress } from './peer-addresses.ts';
import type { ConnectionOwner } from './peer-connection.ts';
import type { PeerSecurity } from './peer-security.ts';
import { addressKey } from './remote-address.ts';

/** Said in the opening request of the WebSocket; a page of the web cannot say it without `Origin`. */
export const SUBPROTOCOL = `statecraft-peer.${PROTOCOL_VERSION}`;

type ListenerOwner = Pick<ConnectionOwner, 'clock' | 'limits' | 'counters' | 'log'>;

interface Unauthenticated {
  readonly key: string;
  readonly socket: Socket;
  readonly address: string;
  /** Null once it is a WebSocket, which has its own. */
  deadline: unknown;
}

export class PeerListener {
  readonly #owner: ListenerOwner;
  readonly #address: ListenAddress;
  readonly #security: PeerSecurity;
  readonly #accept: (webSocket: WebSocket, socket: Socket) => void;
  readonly #server: Server | SecureServer;
  readonly #webSockets: WebSocketServer;
  /** The oldest first, by the port they come from: TLS wraps a socket in another one. */
  readonly #unauthenticated = new Map<string, Unauthenticated>();

  constructor(
    owner: ListenerOwner,
    address: ListenAddress,
    security: PeerSecurity,
    accept: (webSocket: WebSocket, socket: Socket) => void,
  ) {
    this.#owner = owner;
    this.#address = address;
    this.#security = security;
    this.#accept = accept;
    const answer = (request: IncomingMessage, response: ServerResponse) => {
      this.#malformed(request.socket, 'an HTTP request');
      response.writeHead(426, { 'Content-Type': 'text/plain', Connection: 'close' });
      response.end('This is the port of the other servers. Clients use another one.\n');
    };
    const maxHeaderSize = 16 * 1024;
    const secure = security.listenOptions();
    this.#server =
      secure === null
        ? createServer({ maxHeaderSize }, answer)
        : createSecureServer({ ...secure, maxHeaderSize }, answer);
    this.#webSockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: FRAME_BYTES_MAX,
      clientTracking: false,
      handleProtocols: () => SUBPROTOCOL,
    });
    this.#server.on('upgrade', (request, socket, head) =>
      this.#upgrade(request, socket as Socket, head),
    );
    this.#server.on('connection', (socket: Socket) => this.#connected(socket));
    this.#server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      const end = socket as Partial<TLSSocket>;
      // A connection that breaks is ordinary; one that Node.js broke for its certificate is not.
      if (error.code !== 'ECONNRESET' || end.authorizationError) {
        this.#malformed(socket as Socket, unintelligible(error, end));
      }
      socket.destroy();
    });
    this.#webSockets.on('wsClientError', (error, socket) => {
      this.#malformed(socket as Socket, `no proper WebSocket (${error.message})`);
      socket.destroy();
    });
  }

  /** @throws ListenError */
  open(): Promise<void> {
    const { host, port } = this.#address;
    return new Promise((resolve, reject) => {
      this.#server.once('error', (error) => reject(new ListenError({ host, port }, error)));
      this.#server.listen(port, host, () => {
        this.#server.removeAllListeners('error');
        this.#server.on('error', (error) => this.#closedUnauthenticated(host, error.message));
        resolve();
      });
    });
  }

  /** Keys or certificates have changed. */
  renew(): void {
    if ('setSecureContext' in this.#server) this.#security.renew(this.#server);
  }

  /** It has proved who it is. */
  admit(socket: Socket): void {
    this.#forget(keyOf(socket));
  }

  async close(): Promise<void> {
    this.#webSockets.close();
    for (const { socket } of this.#unauthenticated.values()) socket.destroy();
    if (!this.#server.listening) return;
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    const refusal = this.#refusal(request);
    if (refusal !== null) {
      this.#malformed(socket, refusal.what);
      socket.end(`HTTP/1.1 ${refusal.status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.#webSockets.handleUpgrade(request, socket, head, (webSocket: WebSocket) => {
      this.#clearDeadline(keyOf(socket));
      this.#accept(webSocket, socket);
    });
  }

  #refusal({ headers }: IncomingMessage) {
    if (headers.origin !== undefined) {
      const what = `a request from a web page (Origin: ${headers.origin.slice(0, 80)})`;
      return { status: '403 Web pages may not connect to servers', what };
    }
    const offered = headers['sec-websocket-protocol'] ?? '';
    // By hand: a pattern with blanks around the comma takes a second for 16 KiB of blanks.
    if (offered.split(',').some((protocol) => protocol.trim() === SUBPROTOCOL)) return null;
    const other =
      offered === ''
        ? 'a WebSocket without a protocol, as servers of version 1 do'
        : 'a WebSocket of another protocol';
    const what = `${other}; this server speaks ${SUBPROTOCOL}, so stop all servers of the cluster and update them together`;
    return { status: `426 Servers here speak ${SUBPROTOCOL}: update this one`, what };
  }

  #connected(socket: Socket): void {
    const { clock, limits } = this.#owner;
    const address = socket.remoteAddress ?? 'somebody';
    const key = keyOf(socket);
    // One that was reset may be heard of only after another has come from its port.
    this.#forget(key);
    this.#makeRoom(address);
    const deadline = clock.setTimeout(() => {
      const message = `The connection from ${address} is closed: it said nothing in time.`;
      this.#closedUnauthenticated(address, message);
      socket.destroy();
    }, limits.handshakeDeadlineMs);
    const newest: Unauthenticated = { key, socket, address, deadline };
    this.#unauthenticated.set(key, newest);
    socket.once('close', () => this.#unauthenticated.get(key) === newest && this.#forget(key));
    socket.on('error', () => socket.destroy());
  }

  #makeRoom(address: string): void {
    const { unauthenticatedConnectionsMax, unauthenticatedPerAddressMax } = this.#owner.limits;
    const own = [...this.#unauthenticated.values()].filter(
      (other) => addressKey(other.address) === addressKey(address),
    );
    const isOwnShareFull = own.length >= unauthenticatedPerAddressMax;
    if (!isOwnShareFull && this.#unauthenticated.size < unauthenticatedConnectionsMax) return;
    const [oldest] = isOwnShareFull ? own : this.#unauthenticated.values();
    if (oldest === undefined) return;
    const bound = isOwnShareFull
      ? `${unauthenticatedPerAddressMax} from one address`
      : unauthenticatedConnectionsMax;
    this.#closedUnauthenticated(
      oldest.address,
      `The connection from ${oldest.address} is closed: more than ${bound} have not proved who they are.`,
    );
    this.#forget(oldest.key);
    oldest.socket.destroy();
  }

  #closedUnauthenticated(address: string, message: string): void {
    this.#owner.counters.unauthenticatedConnections += 1;
    this.#owner.log.event('unauthenticated', null, message, address);
  }

  #malformed(socket: Socket, what: string): void {
    const address = socket.remoteAddress ?? 'somebody';
    const message = `A connection from ${address} is closed: it sent ${what}.`;
    this.#owner.counters.malformed += 1;
    this.#owner.log.event('malformed', null, message, address);
  }

  #clearDeadline(key: string): void {
    const unauthenticated = this.#unauthenticated.get(key);
    if (unauthenticated === undefined) return;
    this.#owner.clock.clearTimeout(unauthenticated.deadline);
    unauthenticated.deadline = null;
  }

  #forget(key: string): void {
    this.#clearDeadline(key);
    this.#unauthenticated.delete(key);
  }
}

/** Both ends: who listens everywhere is reached from one port at several of its addresses. */
function keyOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`;
}

/** Of an error of OpenSSL the words, without its places in the source. */
function unintelligible({ message }: Error, { authorizationError }: Partial<TLSSocket>): string {
  const words = /:SSL routines:[^:]*:([^:]+)/.exec(message)?.[1] ?? authorizationError;
  if (!words) return `something that is not HTTP (${message})`;
  return `no TLS handshake of this cluster (${words})`;
}
