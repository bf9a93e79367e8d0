/**
 * The transport of real servers (design: the network): a WebSocket per pair, exposed as subjects.
 *
 * Both sides dial while there is no connection, so that a server that returns is back at once; of
 * two connections the one dialled by the smaller id stays. Anything may be lost: what cannot go out
 * now is dropped and counted, since Raft repeats what matters. Longer than most files: it is where
 * listener, diallers, connections and memory meet, and each of these has a file of its own.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Subject } from 'rxjs';
import { WebSocket } from 'ws';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import { FRAME_BYTES_MAX } from '../formats/frame.ts';
import { encodeFrame } from '../formats/message-frame.ts';
import { encodeHello, type Hello } from '../formats/peer-frame.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { ConnectionChange, Introduction, Transport } from '../ports/transport.ts';
import { assertPeerAddress, type ListenAddress, ownListenAddress } from './peer-addresses.ts';
import { type ConnectionOwner, PeerConnection } from './peer-connection.ts';
import { PeerDialler } from './peer-dialler.ts';
import { greetingRefusal } from './peer-greeting.ts';
import { PeerListener } from './peer-listener.ts';
import { type PeerMemory, volatilePeerMemory } from './peer-memory.ts';
import { PeerRegister } from './peer-register.ts';
import { realClock, realRandom } from './real-time.ts';
import { TransportCounters, type TransportEvent } from './transport-counters.ts';
import { DEFAULT_LIMITS, type TransportLimits } from './transport-limits.ts';

export { ListenError } from './listen-error.ts';
export type { TransportEvent } from './transport-counters.ts';
export type { TransportLimits } from './transport-limits.ts';

export interface WebSocketTransportOptions {
  readonly id: ServerId;
  /** Where each server is reached, ourselves included: `ws://127.0.0.1:7201`. */
  readonly cluster: Readonly<Record<ServerId, string>>;
  /** Default: host and port of our own address. */
  readonly listen?: ListenAddress;
  /** What is known of the peers' directories. Default: forgotten with the process. */
  readonly memory?: PeerMemory;
  /** Told to peers, for people. */
  readonly software?: string;
  readonly limits?: Partial<TransportLimits>;
  readonly clock?: Clock;
  readonly random?: Random;
  /** For a log. */
  readonly onEvent?: (event: TransportEvent) => void;
}

/** With counters beside what every transport has. */
export interface WebSocketTransport extends Transport {
  readonly counters: TransportCounters;
}

/** @throws StartError when an address is none, or our own is missing. */
export function webSocketTransport(options: WebSocketTransportOptions): WebSocketTransport {
  return new WebSockets(options);
}

class WebSockets implements WebSocketTransport, ConnectionOwner {
  readonly received$ = new Subject<Message>();
  readonly connections$ = new Subject<ConnectionChange>();
  readonly counters = new TransportCounters();
  readonly id: ServerId;
  readonly clock: Clock;
  readonly limits: TransportLimits;
  readonly #options: WebSocketTransportOptions;
  readonly #register: PeerRegister;
  readonly #listener: PeerListener;
  readonly #diallers = new Map<ServerId, PeerDialler>();
  /** The one that stays, per peer. */
  readonly #connections = new Map<ServerId, PeerConnection>();
  /** Whose connection was announced; one that replaces another is no news. */
  readonly #told = new Set<ServerId>();
  /** All there are, greeted or not, and what each leaves behind. */
  readonly #sockets = new Map<WebSocket, PeerConnection | null>();
  #introduction: Introduction | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: WebSocketTransportOptions) {
    this.id = options.id;
    this.clock = options.clock ?? realClock;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#options = options;
    this.#register = new PeerRegister(options.memory ?? volatilePeerMemory(), this.clock, (error) =>
      this.log({ type: 'memoryFailed', peer: null, message: memorySentence(error) }),
    );
    for (const [peer, address] of Object.entries(options.cluster)) {
      assertPeerAddress(peer, address);
      if (peer !== this.id) this.#diallers.set(peer, this.#dialler(peer, address));
    }
    this.#listener = this.#listen(options.listen ?? ownListenAddress(this.id, options.cluster));
  }

  async open(introduction: Introduction): Promise<void> {
    this.#introduction = introduction;
    await this.#register.load();
    await this.#listener.open();
    for (const [peer, dialler] of this.#diallers) dialler.wake(this.id < peer);
    this.#register.saveEvery(this.limits.memoryIntervalMs);
  }

  send(message: Message): void {
    const counters = this.counters.of(message.to);
    const frame = this.#connections.has(message.to) ? encoded(message) : null;
    if (frame === null || !this.#connections.get(message.to)?.send(frame)) {
      counters.droppedMessages += 1;
      return;
    }
    counters.sentMessages += 1;
    counters.sentBytes += frame.byteLength;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.received$.complete();
    this.connections$.complete();
    for (const dialler of this.#diallers.values()) dialler.stop();
    const allClosed = [...this.#sockets].map(([webSocket, connection]) => {
      const closed = new Promise((resolve) => webSocket.once('close', resolve));
      if (connection === null) webSocket.terminate();
      else connection.close();
      return closed;
    });
    await Promise.all([this.#listener.close(), ...allClosed]);
    await this.#register.close();
  }

  writeNumber(): number {
    return this.#introduction?.writeNumber() ?? 0;
  }

  hello(to: ServerId): Uint8Array {
    const { clusterId, storageId, clientAddress } = this.#introduced();
    const software = this.#options.software ?? 'statecraft';
    const writeNumber = this.writeNumber();
    return encodeHello({
      clusterId,
      from: this.id,
      to,
      storageId,
      writeNumber,
      clientAddress,
      software,
    });
  }

  async judge(hello: Hello, dialled: ServerId | null): Promise<string | null> {
    const known = this.#register.get(hello.from);
    const refusal = greetingRefusal(hello, { introduction: this.#introduced(), dialled, known });
    if (refusal === null) await this.#register.learn(hello);
    return refusal;
  }

  admit(connection: PeerConnection, peer: ServerId): boolean {
    const present = this.#connections.get(peer);
    const isOurs = connection.dialled !== null;
    if (present !== undefined && isOurs !== (present.dialled !== null)) {
      if (isOurs !== this.id < peer) return false;
      // Whoever dialled the one that stays learns last of it, so it can let go of the other.
      present.retire(isOurs);
    } else if (present !== undefined) {
      // The peer dials anew what it has lost, also when we have not noticed yet.
      this.#lose(peer);
      present.terminate();
    }
    this.#connections.set(peer, connection);
    this.#listener.admit(connection.socket);
    return true;
  }

  connected({ from: peer, clientAddress, software }: Hello): void {
    this.#diallers.get(peer)?.succeeded();
    if (this.#told.has(peer)) return;
    this.#told.add(peer);
    this.counters.of(peer).connections += 1;
    const message = `Connected to ${peer} (${software}, clients at ${clientAddress || 'no address'}).`;
    this.log({ type: 'connected', peer, message });
    this.connections$.next({ peer, isConnected: true, clientAddress });
  }

  received(message: Message): void {
    this.received$.next(message);
  }

  pulsed(peer: ServerId, writeNumber: number): void {
    this.#register.raise(peer, writeNumber);
  }

  closed(connection: PeerConnection): void {
    const { peer } = connection;
    if (peer !== null && this.#connections.get(peer) === connection) this.#lose(peer);
  }

  log(event: TransportEvent): void {
    this.#options.onEvent?.(event);
  }

  #lose(peer: ServerId): void {
    this.#connections.delete(peer);
    this.#told.delete(peer);
    if (this.#closing !== null) return;
    this.log({ type: 'lost', peer, message: `The connection to ${peer} is lost.` });
    this.connections$.next({ peer, isConnected: false });
    this.#diallers.get(peer)?.wake();
  }

  #introduced(): Introduction {
    if (this.#introduction === null) throw new Error('The transport was not opened');
    return this.#introduction;
  }

  #listen(address: ListenAddress): PeerListener {
    const stranger = (message: string) => {
      this.counters.strangers += 1;
      this.log({ type: 'stranger', peer: null, message });
    };
    const malformed = (message: string) => {
      this.counters.malformed += 1;
      this.log({ type: 'malformed', peer: null, message });
    };
    const accept = (webSocket: WebSocket, socket: Socket) => this.#attach(webSocket, socket, null);
    const { clock, limits } = this;
    return new PeerListener({ address, clock, limits, accept, malformed, stranger });
  }

  #attach(webSocket: WebSocket, socket: Socket, dialled: ServerId | null): void {
    webSocket.once('close', () => this.#sockets.delete(webSocket));
    if (this.#closing !== null) webSocket.terminate();
    else this.#sockets.set(webSocket, new PeerConnection(this, webSocket, socket, dialled));
  }

  #dialler(peer: ServerId, url: string): PeerDialler {
    const { clock, limits } = this;
    const random = this.#options.random ?? realRandom;
    const isConnected = () => this.#connections.has(peer);
    const dial = (ended: () => void) => this.#dial(peer, url, ended);
    return new PeerDialler({ clock, random, limits, isConnected, dial });
  }

  #dial(peer: ServerId, url: string, ended: () => void): void {
    const webSocket = new WebSocket(url, {
      perMessageDeflate: false,
      maxPayload: FRAME_BYTES_MAX,
      handshakeTimeout: this.limits.greetingDeadlineMs,
      // Masks protect proxies from what web pages send; here nobody is between, and they cost.
      generateMask: () => {},
    });
    this.#sockets.set(webSocket, null);
    let socket: Socket | null = null;
    webSocket.once('upgrade', (response: IncomingMessage) => {
      socket = response.socket;
    });
    webSocket.once('open', () => socket && this.#attach(webSocket, socket, peer));
    // Nobody there, or nobody who speaks WebSocket: the next attempt will see.
    webSocket.on('error', () => {});
    webSocket.once('close', () => {
      this.#sockets.delete(webSocket);
      ended();
    });
  }
}

function encoded(message: Message): Uint8Array | null {
  try {
    return encodeFrame(message);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function memorySentence(error: unknown): string {
  const reason = error instanceof Error ? error.message : String(error);
  return `What is known of the peers' directories could not be kept (${reason}): a replaced one may go unnoticed.`;
}
