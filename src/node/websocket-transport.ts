/**
 * The transport of real servers (design: the network): a WebSocket per pair, exposed as subjects.
 *
 * Both sides dial while there is no connection, so that a server that returns is connected at once; of
 * two connections the one dialled by the smaller id stays. Neither counts before both ends have proved
 * that they belong to the cluster. A message that cannot be sent now is dropped and counted. Long,
 * since all parts of the transport meet here.
 */
import type { Socket } from 'node:net';
import { nanoid } from 'nanoid';
import { type Observable, Subject } from 'rxjs';
import type { WebSocket } from 'ws';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import { encodeFrameIfShort, PAYLOAD_BYTES_MAX } from '../formats/message-frame.ts';
import { encodeDigests, type PeerHello } from '../formats/peer-frame.ts';
import type { Clock } from '../ports/clock.ts';
import type { KnownPeers, PeerMemory } from '../ports/peer-memory.ts';
import type { Random } from '../ports/random.ts';
import type {
  ConnectionChange,
  ServerIdentity,
  StateDigests,
  Transport,
  TransportNotice,
} from '../ports/transport.ts';
import { assertPeerAddresses, ownListenAddress } from './peer-addresses.ts';
import { type ConnectionOwner, PeerConnection } from './peer-connection.ts';
import { dialPeer, type PeerDialler, peerDialler } from './peer-dialler.ts';
import type { HandshakeEnd, ProvedPeer } from './peer-handshake.ts';
import { PeerListener } from './peer-listener.ts';
import { type PeerRefusal, PeerRegister } from './peer-register.ts';
import { type PeerRenewal, peerRenewal } from './peer-renewal.ts';
import { PeerSecurity, type PeerSecurityKind, type PeerSecurityOptions } from './peer-security.ts';
import { realClock, realRandom } from './real-time.ts';
import { TransportCounters } from './transport-counters.ts';
import { DEFAULT_LIMITS, type TransportLimits } from './transport-limits.ts';
import {
  FORGETFUL,
  PLAINTEXT,
  type TransportEvent,
  type TransportLog,
  transportLog,
} from './transport-log.ts';

/** Who this server is, how peers prove who they are, and how much a transport may hold. */
export interface WebSocketTransportOptions extends PeerSecurityOptions {
  readonly id: ServerId;
  /**
   * What is known of the peers' directories. Default: in the directory of the server's storage, if it
   * has one; otherwise forgotten with the process, which a notice says.
   */
  readonly memory?: PeerMemory;
  /** Name and version of the software, told to peers for their logs. */
  readonly software?: string | undefined;
  readonly limits?: Partial<TransportLimits>;
  readonly clock?: Clock;
  readonly random?: Random;
  /** For a log; what the server has to know comes by `notices$` as well. */
  readonly onEvent?: (event: TransportEvent) => void;
}

/** Has counters besides what every transport has. */
export interface WebSocketTransport extends Transport {
  readonly security: PeerSecurityKind;
  readonly counters: TransportCounters;
  readonly notices$: Observable<TransportNotice>;
}

/**
 * Makes the transport of real servers: one WebSocket to each peer, dialled again while it is lost.
 *
 * @throws StartError when an address is not valid, our own is missing, or the key cannot be used.
 */
export function webSocketTransport(options: WebSocketTransportOptions): WebSocketTransport {
  return new WebSockets(options);
}

class WebSockets implements WebSocketTransport, ConnectionOwner {
  readonly received$ = new Subject<Message>();
  readonly connections$ = new Subject<ConnectionChange>();
  readonly notices$ = new Subject<TransportNotice>();
  readonly digests$ = new Subject<StateDigests & { readonly from: ServerId }>();
  readonly payloadBytesMax = PAYLOAD_BYTES_MAX;
  readonly counters = new TransportCounters();
  readonly id: ServerId;
  readonly clock: Clock;
  readonly limits: TransportLimits;
  readonly #options: WebSocketTransportOptions;
  readonly #security: PeerSecurity;
  readonly #renewal: PeerRenewal;
  readonly register: PeerRegister;
  readonly #listener: PeerListener;
  readonly log: TransportLog;
  /** Of this run: a peer that dials anew is the same process, or another one. */
  readonly #incarnation = nanoid();
  readonly #diallers = new Map<ServerId, PeerDialler>();
  /** The one that stays, per peer. */
  readonly #connections = new Map<ServerId, PeerConnection>();
  /** Whose connection was announced, and its key; one that replaces another is not announced. */
  readonly #announced = new Map<ServerId, string>();
  /** All there are, proved or not; null while it is dialled. */
  readonly #sockets = new Map<WebSocket, PeerConnection | null>();
  #identity: ServerIdentity | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: WebSocketTransportOptions) {
    this.id = options.id;
    this.clock = options.clock ?? realClock;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#options = options;
    this.log = transportLog(
      (event) => {
        options.onEvent?.(event);
        const { type, peer, message } = event;
        if (type !== 'connected' && type !== 'lost') this.notices$.next({ peer, message });
      },
      () => this.clock.now(),
    );
    const peers = Object.entries(options.cluster);
    assertPeerAddresses(options.cluster);
    const address = options.listen ?? ownListenAddress(this.id, options.cluster);
    this.#security = new PeerSecurity(options, this.clock, this.limits.renewalIntervalMs, {
      changed: () => {
        this.#listener.renew();
        this.#renewal.changed(this.#connections.values());
      },
      reported: (message) => this.log.event('security', null, message),
    });
    this.#renewal = peerRenewal(this.#security, this.clock, this.limits.renewalDeadlineMs);
    this.register = new PeerRegister(Object.keys(options.cluster), this.clock, (message) =>
      this.log.event('memoryFailed', null, message, message),
    );
    for (const [peer, url] of peers) {
      if (peer !== this.id) this.#diallers.set(peer, this.#dialler(peer, url));
    }
    this.#listener = new PeerListener(this, address, this.#security, (webSocket, socket) =>
      this.#attach(webSocket, socket, null),
    );
  }

  get security(): PeerSecurityKind {
    return this.#security.kind;
  }

  async open(identity: ServerIdentity): Promise<void> {
    this.#identity = identity;
    this.#security.assertUsable(identity.clusterId, this.id);
    const memory = this.#options.memory ?? identity.peerMemory;
    if (memory !== undefined) await this.register.load(memory);
    else this.log.event('forgetful', null, FORGETFUL);
    if (this.security === 'plaintext') this.log.event('security', null, PLAINTEXT);
    await this.#listener.open();
    for (const [peer, dialler] of this.#diallers) dialler.wake(this.id < peer);
    this.register.saveEvery(this.limits.peerMemoryIntervalMs);
  }

  send(message: Message): void {
    const counters = this.counters.of(message.to);
    const frame = this.#connections.has(message.to) ? encodeFrameIfShort(message) : null;
    if (frame === null || !this.#connections.get(message.to)?.send(frame)) {
      counters.droppedMessages += 1;
      return;
    }
    counters.sentMessages += 1;
    counters.sentBytes += frame.byteLength;
  }

  sendDigests(to: ServerId, told: StateDigests): void {
    this.#connections.get(to)?.send(encodeDigests(told));
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.log.close();
    this.received$.complete();
    this.connections$.complete();
    this.notices$.complete();
    this.digests$.complete();
    for (const dialler of this.#diallers.values()) dialler.stop();
    const allClosed = [...this.#sockets].map(([webSocket, connection]) => {
      const closed = new Promise((resolve) => webSocket.once('close', resolve));
      if (connection === null) webSocket.terminate();
      else connection.close();
      return closed;
    });
    await Promise.all([this.#listener.close(), ...allClosed]);
    this.#security.stop();
    await this.register.close();
  }

  writeNumber(): number {
    return this.#opened().writeNumber();
  }

  handshakeEnd(socket: Socket): HandshakeEnd {
    const { clusterId } = this.#opened();
    this.#renewal.began(socket);
    return {
      id: this.id,
      clusterId,
      keys: this.#security.keys,
      channel: this.#security.channelOf(socket),
      hello: () => this.#hello(),
      certificateRefusal: (peer) => this.#security.certificateRefusal(socket, clusterId, peer),
    };
  }

  async checkPeer(
    peer: ProvedPeer,
    socket: Socket,
    before: KnownPeers,
  ): Promise<PeerRefusal | null> {
    const refusal = this.#security.refusalOf(peer, socket) ?? this.register.check(peer, before);
    if (refusal !== null) return refusal;
    await this.register.remember(peer);
    return this.#security.refusalOf(peer, socket);
  }

  admit(connection: PeerConnection, { id: peer, incarnation }: ProvedPeer): boolean {
    const present = this.#connections.get(peer);
    const isOurs = connection.dialled !== null;
    const isSameRun = present?.peer?.incarnation === incarnation;
    const isCrossing = isSameRun && isOurs !== (present.dialled !== null);
    if (isCrossing && isOurs !== this.id < peer) return false;
    if (isSameRun) {
      // Whoever dialled the one that stays learns last of it, so it can let go of the other.
      present.retire(isOurs);
    } else if (present !== undefined) {
      this.#lose(peer);
      present.terminate();
    }
    this.#connections.set(peer, connection);
    this.#listener.admit(connection.socket);
    return true;
  }

  connected(connection: PeerConnection, proved: ProvedPeer): void {
    const { id: peer, clientAddress, software, keyName } = proved;
    this.#diallers.get(peer)?.succeeded();
    const before = this.#announced.get(peer);
    this.#announced.set(peer, keyName);
    if (before === undefined) {
      this.counters.of(peer).connections += 1;
      const place = clientAddress || 'no address';
      this.log.event('connected', peer, `Connected to ${peer} (${software}, clients at ${place}).`);
      this.connections$.next({ peer, isConnected: true, clientAddress });
    } else if (before !== keyName) {
      const message = `The connection to ${peer} is now proved by key ${keyName}.`;
      this.log.event('security', peer, message);
    }
    this.#renewal.connected(connection);
  }

  renewalRequested({ peer, dialled }: PeerConnection): void {
    if (peer !== null && dialled !== null) this.#diallers.get(dialled)?.renew();
  }

  closed(connection: PeerConnection): void {
    const { peer } = connection;
    this.#renewal.closed(connection);
    if (peer !== null && this.#connections.get(peer.id) === connection) this.#lose(peer.id);
  }

  #lose(peer: ServerId): void {
    this.#connections.delete(peer);
    this.#announced.delete(peer);
    if (this.#closing !== null) return;
    this.log.event('lost', peer, `The connection to ${peer} is lost.`);
    this.connections$.next({ peer, isConnected: false });
    this.#diallers.get(peer)?.wake();
  }

  #opened(): ServerIdentity {
    if (this.#identity === null) throw new Error('The transport was not opened');
    return this.#identity;
  }

  #hello(): PeerHello {
    const { storageId, clientAddress } = this.#opened();
    const software = this.#options.software ?? 'statecraft';
    const writeNumber = this.writeNumber();
    return { storageId, incarnation: this.#incarnation, writeNumber, clientAddress, software };
  }

  #attach(webSocket: WebSocket, socket: Socket, dialled: ServerId | null): void {
    webSocket.once('close', () => this.#sockets.delete(webSocket));
    if (this.#closing !== null) webSocket.terminate();
    else this.#sockets.set(webSocket, new PeerConnection(this, webSocket, socket, dialled));
  }

  #dialler(peer: ServerId, url: string): PeerDialler {
    const failed = (reason: string) => {
      const message = `Server ${peer} cannot be reached at ${url}: ${reason}.`;
      this.log.event('unreachable', peer, message, url);
    };
    return peerDialler({
      clock: this.clock,
      limits: this.limits,
      random: this.#options.random ?? realRandom,
      isConnected: () => this.#connections.has(peer),
      dial: (attempt, ended) => {
        const tls = this.#security.dialOptions(attempt);
        const opened = (socket: Socket) => this.#attach(webSocket, socket, peer);
        const webSocket = dialPeer(url, tls, this.limits, opened, failed);
        this.#sockets.set(webSocket, null);
        webSocket.once('close', () => {
          this.#sockets.delete(webSocket);
          ended();
        });
      },
    });
  }
}
