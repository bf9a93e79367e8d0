/**
 * One WebSocket to one peer: a handshake, before which nothing is believed, then messages and
 * keepalives. Whatever goes wrong with it closes it, and nothing else.
 */
import type { Socket } from 'node:net';
import type { Subject } from 'rxjs';
import type { RawData, WebSocket } from 'ws';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import { FrameError } from '../formats/frame.ts';
import {
  decodePeerFrame,
  encodeKeepalive,
  encodeRefusal,
  encodeRenew,
  type PeerFrame,
} from '../formats/peer-frame.ts';
import type { Clock } from '../ports/clock.ts';
import type { KnownPeers } from '../ports/peer-memory.ts';
import type { StateDigests } from '../ports/transport.ts';
import {
  Acceptor,
  Dialler,
  type HandshakeEnd,
  HandshakeRefusal,
  type ProvedPeer,
} from './peer-handshake.ts';
import type { PeerRefusal, PeerRegister } from './peer-register.ts';
import { peerWriter } from './peer-writer.ts';
import type { TransportCounters } from './transport-counters.ts';
import type { TransportLimits } from './transport-limits.ts';
import type { TransportEvent, TransportLog } from './transport-log.ts';

/** What a connection asks of the transport that it belongs to. */
export interface ConnectionOwner {
  readonly id: ServerId;
  readonly clock: Clock;
  readonly limits: TransportLimits;
  readonly counters: TransportCounters;
  readonly log: TransportLog;
  readonly received$: Subject<Message>;
  readonly digests$: Subject<StateDigests & { readonly from: ServerId }>;
  writeNumber(): number;
  /** Our end of the handshake on that socket. */
  handshakeEnd(socket: Socket): HandshakeEnd;
  /** What is known of the peers' directories just now. */
  readonly register: Pick<PeerRegister, 'known' | 'recordWriteNumber'>;
  /** Null: it is accepted, and what is new of it is kept when it resolves. */
  checkPeer(peer: ProvedPeer, socket: Socket, before: KnownPeers): Promise<PeerRefusal | null>;
  /** Whether this connection is the one that stays for its peer. */
  admit(connection: PeerConnection, peer: ProvedPeer): boolean;
  connected(connection: PeerConnection, peer: ProvedPeer): void;
  /** The peer wants to prove itself again, on another connection. */
  renewalRequested(connection: PeerConnection): void;
  closed(connection: PeerConnection): void;
}

const DEADLINE_SLICES = 4;

export class PeerConnection {
  /** Who it is; null until it has proved it. */
  peer: ProvedPeer | null = null;
  /** Whom we dialled; null when the peer did. */
  readonly dialled: ServerId | null;
  readonly socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #webSocket: WebSocket;
  readonly #writer: ReturnType<typeof peerWriter>;
  readonly #address: string;
  readonly #dialler: Dialler | null;
  readonly #acceptor: Acceptor;
  /** What it waits for next takes the place of what it waited for. */
  #timer: unknown;
  #stage: 'proving' | 'checking' | 'open' | 'closing' = 'proving';
  /** What was known when we asked the peer for its hello; null until then. */
  #before: KnownPeers | null = null;
  /** What arrived while the peer was being checked. */
  readonly #held: PeerFrame[] = [];
  #missedKeepalives = 0;

  constructor(
    owner: ConnectionOwner,
    webSocket: WebSocket,
    socket: Socket,
    dialled: ServerId | null,
  ) {
    this.#owner = owner;
    this.#webSocket = webSocket;
    this.socket = socket;
    this.dialled = dialled;
    this.#writer = peerWriter(webSocket, socket, owner.limits);
    this.#address = socket.remoteAddress ?? 'somebody';
    const end = owner.handshakeEnd(socket);
    this.#acceptor = new Acceptor(end);
    this.#dialler = dialled === null ? null : new Dialler(end, dialled);
    webSocket.on('message', (data, isBinary) => this.#arrived(data, isBinary));
    webSocket.on('error', (error: Error & { code?: string }) => {
      // What ws itself finds wrong has a code of its own; other errors are the network's.
      if (this.#stage === 'closing' || !error.code?.startsWith('WS_ERR_')) return;
      this.#malformed(error.message);
    });
    webSocket.on('close', () => this.#ended());
    socket.on('data', this.#limitUnauthenticated);
    this.#setDeadline(() => this.#timedOut());
    if (this.#dialler !== null) this.#writer.write(this.#dialler.open());
  }

  /** Whether the frame was taken; not when too much is waiting already. */
  send(frame: Uint8Array): boolean {
    return this.#stage === 'open' && this.#writer.offer(frame);
  }

  /** Our keys have changed: the end that dialled proves itself again, on another connection. */
  requestRenewal(): void {
    if (this.dialled === null) this.send(encodeRenew());
    else this.#owner.renewalRequested(this);
  }

  /** After what was sent; at once if the peer does not let go. */
  close(): void {
    this.#stage = 'closing';
    this.#setDeadline(() => this.#webSocket.terminate());
    this.#webSocket.close();
  }

  terminate(): void {
    this.#stage = 'closing';
    this.#webSocket.terminate();
  }

  /** Another connection stays instead: this one still receives what is under way. */
  retire(isLast: boolean): void {
    if (isLast) this.#webSocket.close();
    this.#setDeadline(() => (isLast ? this.terminate() : this.retire(true)));
  }

  #arrived(data: RawData, isBinary: boolean): void {
    this.#missedKeepalives = 0;
    if (this.#stage === 'closing') return;
    try {
      if (!isBinary || !(data instanceof Uint8Array)) throw new FrameError('a message of text');
      if (this.#stage === 'proving') this.#prove(data);
      else this.#take(data);
    } catch (error) {
      if (error instanceof FrameError) this.#malformed(error.message);
      else if (error instanceof HandshakeRefusal) this.#refused(error);
      else throw error;
    }
  }

  /** A step of the handshake. @throws FrameError, HandshakeRefusal */
  #prove(frame: Uint8Array): void {
    if (this.#before !== null) {
      const peer = this.#dialler?.welcome(frame) ?? this.#acceptor.accept(frame);
      this.#stage = 'checking';
      this.socket.off('data', this.#limitUnauthenticated);
      void this.#checkPeer(peer, this.#before);
      return;
    }
    this.#writer.write(this.#dialler?.prove(frame) ?? this.#acceptor.challenge(frame));
    this.#before = this.#owner.register.known;
  }

  async #checkPeer(peer: ProvedPeer, before: KnownPeers): Promise<void> {
    this.peer = peer;
    const refusal = await this.#owner.checkPeer(peer, this.socket, before);
    // The connection may have ended meanwhile, which the compiler cannot know.
    if ((this.#stage as string) !== 'checking') return;
    if (refusal === null) this.#open(peer);
    else if (refusal === 'outdated') this.close();
    else {
      const reason = refusal.refusal;
      this.#owner.counters.refusals += 1;
      this.#owner.log.event('refused', peer.id, reason, reason);
      const isAcceptor = this.dialled === null;
      this.#writer.write(isAcceptor ? this.#acceptor.refusal(reason) : encodeRefusal(reason));
      this.close();
    }
  }

  #open(peer: ProvedPeer): void {
    const stays = this.#owner.admit(this, peer);
    this.#stage = 'open';
    if (stays) {
      if (this.dialled === null) this.#writer.write(this.#acceptor.welcome());
      this.#keepAlive();
      this.#owner.connected(this, peer);
    } else {
      // The peer may have trusted this one already.
      this.retire(true);
    }
    for (const frame of this.#held.splice(0)) this.#takeOpen(frame);
  }

  /** @throws FrameError */
  #take(data: Uint8Array): void {
    const frame = decodePeerFrame(data);
    if (this.peer) this.#owner.counters.of(this.peer.id).receivedBytes += data.byteLength;
    if (frame === 'unknown-kind') this.#owner.counters.unknownKinds += 1;
    else if (this.#stage === 'checking') this.#held.push(frame);
    else this.#takeOpen(frame);
  }

  #takeOpen(frame: PeerFrame): void {
    const { peer } = this;
    if (peer === null || this.#stage !== 'open') return;
    if (frame.type === 'Refusal') {
      this.#refused(new HandshakeRefusal(frame.reason, 'proved'));
    } else if (frame.type === 'Keepalive') {
      this.#owner.register.recordWriteNumber(peer.id, frame.writeNumber);
    } else if (frame.type === 'Digests') {
      this.#owner.digests$.next({ from: peer.id, index: frame.index, digests: frame.digests });
    } else if (frame.type === 'Renew') {
      this.#owner.renewalRequested(this);
    } else if (frame.from !== peer.id || frame.to !== this.#owner.id) {
      this.#malformed(`a message from ${frame.from} to ${frame.to}`);
    } else {
      this.#owner.counters.of(peer.id).receivedMessages += 1;
      this.#owner.received$.next(frame);
    }
  }

  /** Shows the peer that we are alive, and counts for how long it has been silent. */
  #keepAlive(): void {
    const { missedKeepalivesMax, keepaliveIntervalMs } = this.#owner.limits;
    this.#missedKeepalives += 1;
    if (this.#missedKeepalives > missedKeepalivesMax + 1) this.terminate();
    else {
      this.send(encodeKeepalive(this.#owner.writeNumber()));
      this.#wait(keepaliveIntervalMs, () => this.#keepAlive());
    }
  }

  #malformed(what: string): void {
    this.#owner.counters.malformed += 1;
    const who = this.peer?.id ?? this.dialled ?? this.#address;
    const message = `The connection to ${who} is closed: it sent a malformed frame, ${what}.`;
    this.#report('malformed', this.peer?.id ?? null, message);
    this.#writer.write(encodeRefusal(message));
    this.close();
  }

  /** What somebody says who has not proved who it is goes to the log, and changes nothing. */
  #refused(refusal: HandshakeRefusal): void {
    const peer = this.peer?.id ?? this.dialled;
    if (refusal.source !== 'own') {
      const unproved = refusal.source === 'proved' ? '' : ' (unproved)';
      const message = `${peer ?? this.#address} refuses this server${unproved}: ${refusal.message}`;
      this.#report('refusedByPeer', peer, message);
    } else {
      this.#owner.counters.refusals += 1;
      this.#report('refused', peer, `${refusal.message} (${this.#address})`);
      this.#writer.write(encodeRefusal(refusal.message));
    }
    this.close();
  }

  #timedOut(): void {
    this.#owner.counters.unauthenticatedConnections += 1;
    const message = `The connection to ${this.dialled ?? this.#address} is closed: it did not prove who it is in time.`;
    this.#report('unauthenticated', this.dialled, message);
    this.terminate();
  }

  /** Nobody may fill our memory before it has proved who it is. */
  readonly #limitUnauthenticated = (): void => {
    if (this.peer || this.socket.bytesRead <= this.#owner.limits.unauthenticatedBytesMax) return;
    if (this.#stage === 'proving') this.#malformed('a handshake that does not end');
    else this.terminate();
  };

  #ended(): void {
    this.#stage = 'closing';
    this.#owner.clock.clearTimeout(this.#timer);
    this.socket.off('data', this.#limitUnauthenticated);
    this.#owner.closed(this);
  }

  /** Lines about this connection share a subject, for as long as nobody has proved anything. */
  #report(type: TransportEvent['type'], peer: ServerId | null, message: string): void {
    this.#owner.log.event(type, peer, message, this.peer?.id ?? this.#address);
  }

  /**
   * In slices: when our own process was held up, what has arrived meanwhile is read before the peer
   * counts as late.
   */
  #setDeadline(callback: () => void, slicesLeft = DEADLINE_SLICES): void {
    this.#wait(this.#owner.limits.handshakeDeadlineMs / DEADLINE_SLICES, () => {
      if (slicesLeft > 1) this.#setDeadline(callback, slicesLeft - 1);
      else callback();
    });
  }

  #wait(delayMs: number, callback: () => void): void {
    this.#owner.clock.clearTimeout(this.#timer);
    this.#timer = this.#owner.clock.setTimeout(callback, delayMs);
  }
}
