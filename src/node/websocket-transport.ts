/**
 * The transport of real servers (design: the network): a WebSocket per pair, exposed as subjects.
 *
 * Both sides dial while there is none, so that a server that returns is back at once; of two the one
 * dialled by the smaller id stays. Nothing of it counts before both ends have proved that they belong
 * to the cluster. What cannot go out now is dropped and counted. Long, since here all its parts meet.
 */
import type { Socket } from 'node:net';
import { nanoid } from 'nanoid';
import { Subject } from 'rxjs';
import type { WebSocket } from 'ws';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import { encodeFrameIfShort, PAYLOAD_BYTES_MAX } from '../formats/message-frame.ts';
import { encodeDigests, type PeerHello } from '../formats/peer-frame.ts';
import type { Clock } from '../ports/clock.ts';
import type { KnownPeers } from '../ports/peer-memory.ts';
import type {
  ConnectionChange,
  Introduction,
  StateDigests,
  TransportNotice,
} from '../ports/transport.ts';
import type { ConnectionOwner } from './connection-owner.ts';
import { assertPeerAddresses, type ListenAddress, ownListenAddress } from './peer-addresses.ts';
import { PeerConnection } from './peer-connection.ts';
import { dialPeer, PeerDialler } from './peer-dialler.ts';
import type { HandshakeEnd, ProvedPeer } from './peer-handshake.ts';
import { PeerListener } from './peer-listener.ts';
import { PeerRegister, type Verdict } from './peer-register.ts';
import { PeerRenewal } from './peer-renewal.ts';
import { PeerSecurity, type PeerSecurityKind } from './peer-security.ts';
import { realClock, realRandom } from './real-time.ts';
import { TransportCounters } from './transport-counters.ts';
import { DEFAULT_LIMITS, type TransportLimits } from './transport-limits.ts';
import { FORGETFUL, ORDINARY, PLAINTEXT, TransportLog } from './transport-log.ts';
import type { WebSocketTransport, WebSocketTransportOptions } from './websocket-options.ts';

export { ListenError } from './listen-error.ts';
export type { TransportEvent } from './transport-counters.ts';
export type { TransportLimits } from './transport-limits.ts';
export type { WebSocketTransport, WebSocketTransportOptions } from './websocket-options.ts';

/**
 * Makes the transport of real servers: one WebSocket to each peer, dialled again while it is lost.
 *
 * @throws StartError when an address is none, our own is missing, or the key cannot be used.
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
  readonly #register: PeerRegister;
  readonly #listener: PeerListener;
  readonly log: TransportLog;
  /** Of this run: a peer that dials anew is the same process, or another one. */
  readonly #incarnation = nanoid();
  readonly #diallers = new Map<ServerId, PeerDialler>();
  /** The one that stays, per peer. */
  readonly #connections = new Map<ServerId, PeerConnection>();
  /** Whose connection was announced, and its key; one that replaces another is no news. */
  readonly #told = new Map<ServerId, string>();
  /** All there are, proved or not, and what each leaves behind. */
  readonly #sockets = new Map<WebSocket, PeerConnection | null>();
  #introduction: Introduction | null = null;
  #closing: Promise<void> | null = null;

  constructor(options: WebSocketTransportOptions) {
    this.id = options.id;
    this.clock = options.clock ?? realClock;
    this.limits = { ...DEFAULT_LIMITS, ...options.limits };
    this.#options = options;
    this.log = new TransportLog(
      (event) => {
        options.onEvent?.(event);
        const { type, peer, message } = event;
        if (!ORDINARY.has(type)) this.notices$.next({ peer, message });
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
      said: (message) => this.log.say('security', null, message),
    });
    this.#renewal = new PeerRenewal(this.#security, this.clock, this.limits.droppedKeyGraceMs);
    this.#register = new PeerRegister(Object.keys(options.cluster), this.clock, (message) =>
      this.log.event({ type: 'memoryFailed', peer: null, about: message, message }),
    );
    for (const [peer, url] of peers) {
      if (peer !== this.id) this.#diallers.set(peer, this.#dialler(peer, url));
    }
    this.#listener = this.#listen(address);
  }

  get security(): PeerSecurityKind {
    return this.#security.kind;
  }

  async open(introduction: Introduction): Promise<void> {
    this.#introduction = introduction;
    this.#security.assertUsable(introduction.clusterId, this.id);
    const memory = this.#options.memory ?? introduction.peerMemory;
    if (memory !== undefined) await this.#register.load(memory);
    else this.log.say('forgetful', null, FORGETFUL);
    if (this.security === 'plaintext') this.log.say('security', null, PLAINTEXT);
    await this.#listener.open();
    for (const [peer, dialler] of this.#diallers) dialler.wake(this.id < peer);
    this.#register.saveEvery(this.limits.memoryIntervalMs);
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
    await this.#register.close();
  }

  writeNumber(): number {
    return this.#introduced().writeNumber();
  }

  handshakeEnd(socket: Socket): HandshakeEnd {
    const { clusterId } = this.#introduced();
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

  get known(): KnownPeers {
    return this.#register.known;
  }

  async judge(peer: ProvedPeer, socket: Socket, before: KnownPeers): Promise<Verdict | null> {
    const verdict = this.#security.verdict(peer, socket) ?? this.#register.judge(peer, before);
    if (verdict !== null) return verdict;
    await this.#register.learn(peer);
    return this.#security.verdict(peer, socket);
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
    const before = this.#told.get(peer);
    this.#told.set(peer, keyName);
    if (before === undefined) {
      this.counters.of(peer).connections += 1;
      const place = clientAddress || 'no address';
      this.log.say('connected', peer, `Connected to ${peer} (${software}, clients at ${place}).`);
      this.connections$.next({ peer, isConnected: true, clientAddress });
    } else if (before !== keyName) {
      this.log.say('security', peer, `The connection to ${peer} is now proved by key ${keyName}.`);
    }
    this.#renewal.connected(connection);
  }

  received(message: Message): void {
    this.received$.next(message);
  }

  digestsTold(from: ServerId, { index, digests }: StateDigests): void {
    this.digests$.next({ from, index, digests });
  }

  pulsed(peer: ServerId, writeNumber: number): void {
    this.#register.raise(peer, writeNumber);
  }

  renewalAsked({ peer, dialled }: PeerConnection): void {
    if (peer !== null && dialled !== null) this.#diallers.get(dialled)?.renew();
  }

  closed(connection: PeerConnection): void {
    const { peer } = connection;
    this.#renewal.closed(connection);
    if (peer !== null && this.#connections.get(peer.id) === connection) this.#lose(peer.id);
  }

  #lose(peer: ServerId): void {
    this.#connections.delete(peer);
    this.#told.delete(peer);
    if (this.#closing !== null) return;
    this.log.say('lost', peer, `The connection to ${peer} is lost.`);
    this.connections$.next({ peer, isConnected: false });
    this.#diallers.get(peer)?.wake();
  }

  #introduced(): Introduction {
    if (this.#introduction === null) throw new Error('The transport was not opened');
    return this.#introduction;
  }

  #hello(): PeerHello {
    const { storageId, clientAddress } = this.#introduced();
    const software = this.#options.software ?? 'statecraft';
    const writeNumber = this.writeNumber();
    return { storageId, incarnation: this.#incarnation, writeNumber, clientAddress, software };
  }

  #listen(address: ListenAddress): PeerListener {
    const tell = (type: 'malformed' | 'stranger') => (about: string, message: string) => {
      this.counters[type === 'stranger' ? 'strangers' : 'malformed'] += 1;
      this.log.event({ type, peer: null, about, message });
    };
    return new PeerListener({
      address,
      security: this.#security,
      clock: this.clock,
      limits: this.limits,
      accept: (webSocket, socket) => this.#attach(webSocket, socket, null),
      malformed: tell('malformed'),
      stranger: tell('stranger'),
    });
  }

  #attach(webSocket: WebSocket, socket: Socket, dialled: ServerId | null): void {
    webSocket.once('close', () => this.#sockets.delete(webSocket));
    if (this.#closing !== null) webSocket.terminate();
    else this.#sockets.set(webSocket, new PeerConnection(this, webSocket, socket, dialled));
  }

  #dialler(peer: ServerId, url: string): PeerDialler {
    return new PeerDialler({
      clock: this.clock,
      limits: this.limits,
      random: this.#options.random ?? realRandom,
      isConnected: () => this.#connections.has(peer),
      dial: (attempt, ended) => {
        const options = this.#security.dialOptions(attempt);
        const webSocket = dialPeer(url, options, this.limits, {
          opened: (socket) => this.#attach(webSocket, socket, peer),
          failed: (reason) => {
            const message = `Server ${peer} cannot be reached at ${url}: ${reason}.`;
            this.log.event({ type: 'unreachable', peer, about: url, message });
          },
          closed: () => {
            this.#sockets.delete(webSocket);
            ended();
          },
        });
        this.#sockets.set(webSocket, null);
      },
    });
  }
}
