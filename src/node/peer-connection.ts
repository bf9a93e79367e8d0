/**
 * One WebSocket to one peer: first the handshake, in which nothing is believed, then messages and
 * pulses. Whatever goes wrong with it closes it, and nothing else. Long, since it is one story.
 */
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { ServerId } from '../../machines/rules/entries.ts';
import { FrameError } from '../formats/frame.ts';
import {
  decodePeerFrame,
  encodePulse,
  encodeRefusal,
  encodeRenew,
  type PeerFrame,
} from '../formats/peer-frame.ts';
import type { KnownPeers } from '../ports/peer-memory.ts';
import type { ConnectionOwner } from './connection-owner.ts';
import { ConnectionTimer } from './connection-timer.ts';
import { Acceptor, Dialler, HandshakeRefusal, type ProvedPeer } from './peer-handshake.ts';
import { PeerWriter } from './peer-writer.ts';

type Stage = 'proving' | 'judging' | 'open' | 'closing';

export class PeerConnection {
  /** Who it is; null until it has proved it. */
  peer: ProvedPeer | null = null;
  /** Whom we dialled; null when the peer did. */
  readonly dialled: ServerId | null;
  readonly socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #webSocket: WebSocket;
  readonly #writer: PeerWriter;
  readonly #address: string;
  readonly #dialler: Dialler | null;
  readonly #acceptor: Acceptor;
  readonly #timer: ConnectionTimer;
  #stage: Stage = 'proving';
  /** What was known when we asked the peer for its hello; null until then. */
  #before: KnownPeers | null = null;
  /** What arrived while the peer was being judged. */
  #held: PeerFrame[] = [];
  #silentPulses = 0;

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
    this.#writer = new PeerWriter(webSocket, socket, owner.limits);
    this.#address = socket.remoteAddress ?? 'somebody';
    this.#timer = new ConnectionTimer(owner.clock);
    const end = owner.handshakeEnd(socket);
    this.#acceptor = new Acceptor(end);
    this.#dialler = dialled === null ? null : new Dialler(end, dialled);
    webSocket.on('message', (data, isBinary) => this.#arrived(data, isBinary));
    webSocket.on('error', (error) => this.#failed(error));
    webSocket.on('close', () => this.#ended());
    socket.on('data', this.#measureStranger);
    this.#setDeadline(() => this.#silent());
    if (this.#dialler !== null) this.#writer.write(this.#dialler.open());
  }

  /** Whether the frame was taken; not when too much is waiting already. */
  send(frame: Uint8Array): boolean {
    return this.#stage === 'open' && this.#writer.offer(frame);
  }

  /** Our keys have changed: whoever dialled proves itself anew, on another connection. */
  askRenewal(): void {
    if (this.dialled === null) this.send(encodeRenew());
    else this.#owner.renewalAsked(this);
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

  /** Another one stays instead: this one still hears what is under way. */
  retire(isLast: boolean): void {
    if (isLast) this.#webSocket.close();
    this.#setDeadline(() => (isLast ? this.terminate() : this.retire(true)));
  }

  #arrived(data: RawData, isBinary: boolean): void {
    this.#silentPulses = 0;
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
      this.#stage = 'judging';
      this.socket.off('data', this.#measureStranger);
      void this.#judge(peer, this.#before);
      return;
    }
    this.#writer.write(this.#dialler?.prove(frame) ?? this.#acceptor.challenge(frame));
    this.#before = this.#owner.known;
  }

  async #judge(peer: ProvedPeer, before: KnownPeers): Promise<void> {
    this.peer = peer;
    const verdict = await this.#owner.judge(peer, this.socket, before);
    // The connection may have ended meanwhile, which the compiler cannot know.
    if ((this.#stage as Stage) !== 'judging') return;
    if (verdict === 'outdated') this.close();
    else if (verdict !== null) this.#refusePeer(peer.id, verdict.refusal);
    else if (this.#owner.admit(this, peer)) this.#begin(peer);
    else this.#stepAside();
  }

  #refusePeer(id: ServerId, refusal: string): void {
    this.#owner.counters.refusals += 1;
    this.#owner.log.event({ type: 'refused', peer: id, about: refusal, message: refusal });
    this.#writer.write(
      this.dialled === null ? this.#acceptor.refusal(refusal) : encodeRefusal(refusal),
    );
    this.close();
  }

  #begin(peer: ProvedPeer): void {
    this.#stage = 'open';
    if (this.dialled === null) this.#writer.write(this.#acceptor.welcome());
    this.#pulse();
    this.#owner.connected(this, peer);
    this.#takeHeld();
  }

  /** The other one stays, but the peer may have trusted this one already. */
  #stepAside(): void {
    this.#stage = 'open';
    this.retire(true);
    this.#takeHeld();
  }

  #takeHeld(): void {
    const held = this.#held;
    this.#held = [];
    for (const frame of held) this.#takeOpen(frame);
  }

  /** @throws FrameError */
  #take(data: Uint8Array): void {
    const frame = decodePeerFrame(data);
    if (this.peer !== null) {
      this.#owner.counters.of(this.peer.id).receivedBytes += data.byteLength;
    }
    if (frame === 'unknown-kind') this.#owner.counters.unknownKinds += 1;
    else if (this.#stage === 'judging') this.#held.push(frame);
    else this.#takeOpen(frame);
  }

  #takeOpen(frame: PeerFrame): void {
    const { peer } = this;
    if (peer === null || this.#stage !== 'open') return;
    if (frame.type === 'Refusal') {
      this.#refused(new HandshakeRefusal(frame.reason, { isProved: true, isTheirs: true }));
    } else if (frame.type === 'Pulse') this.#owner.pulsed(peer.id, frame.writeNumber);
    else if (frame.type === 'Digests') this.#owner.digestsTold(peer.id, frame);
    else if (frame.type === 'Renew') this.#owner.renewalAsked(this);
    else if (frame.from !== peer.id || frame.to !== this.#owner.id) {
      this.#malformed(`a message from ${frame.from} to ${frame.to}`);
    } else {
      this.#owner.counters.of(peer.id).receivedMessages += 1;
      this.#owner.received(frame);
    }
  }

  /** Tells the peer that we live, and counts how long it has been silent. */
  #pulse(): void {
    const { limits } = this.#owner;
    if (this.#silentPulses > limits.silentPulsesMax) {
      this.terminate();
      return;
    }
    this.#silentPulses += 1;
    this.send(encodePulse(this.#owner.writeNumber()));
    this.#timer.wait(limits.pulseIntervalMs, () => this.#pulse());
  }

  #malformed(what: string): void {
    this.#owner.counters.malformed += 1;
    const who = this.peer?.id ?? this.dialled ?? this.#address;
    const message = `The connection to ${who} is closed: it sent a malformed frame, ${what}.`;
    this.#owner.log.event({
      type: 'malformed',
      peer: this.peer?.id ?? null,
      about: this.#subject,
      message,
    });
    this.#writer.write(encodeRefusal(message));
    this.close();
  }

  /** Words of whoever has not proved who it is are repeated in the log, and change nothing. */
  #refused(refusal: HandshakeRefusal): void {
    const peer = this.peer?.id ?? this.dialled;
    if (refusal.isTheirs) {
      const unproved = refusal.isProved ? '' : ' (unproved)';
      const message = `${peer ?? this.#address} refuses this server${unproved}: ${refusal.message}`;
      this.#owner.log.event({ type: 'refusedByPeer', peer, about: this.#subject, message });
    } else {
      this.#owner.counters.refusals += 1;
      const message = `${refusal.message} (${this.#address})`;
      this.#owner.log.event({ type: 'refused', peer, about: this.#subject, message });
      this.#writer.write(encodeRefusal(refusal.message));
    }
    this.close();
  }

  #silent(): void {
    this.#owner.counters.strangers += 1;
    const who = this.dialled ?? this.#address;
    const message = `The connection to ${who} is closed: it did not prove who it is in time.`;
    this.#owner.log.event({ type: 'stranger', peer: this.dialled, about: this.#subject, message });
    this.terminate();
  }

  /** Nobody may fill our memory before we know who it is. */
  readonly #measureStranger = (): void => {
    if (this.peer !== null || this.socket.bytesRead <= this.#owner.limits.strangerBytesMax) return;
    if (this.#stage === 'proving') this.#malformed('a handshake that does not end');
    else this.terminate();
  };

  /** What ws itself finds wrong with the stream has a code of its own; the rest is the network's. */
  #failed(error: Error & { code?: string }): void {
    if (this.#stage === 'closing' || !error.code?.startsWith('WS_ERR_')) return;
    this.#malformed(error.message);
  }

  #ended(): void {
    this.#stage = 'closing';
    this.#held = [];
    this.#timer.clear();
    this.socket.off('data', this.#measureStranger);
    this.#owner.closed(this);
  }

  /** What lines of the log about this connection share, for as long as nobody has proved anything. */
  get #subject(): string {
    return this.peer?.id ?? this.#address;
  }

  #setDeadline(callback: () => void): void {
    this.#timer.setDeadline(this.#owner.limits.handshakeDeadlineMs, callback);
  }
}
