/**
 * One WebSocket to one peer: first the greeting, both ways, then messages and pulses. Whatever goes
 * wrong with it closes it, and nothing else. Longer than most files, since its stages are one story.
 */
import type { Socket } from 'node:net';
import type { RawData, WebSocket } from 'ws';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import { FrameError } from '../formats/frame.ts';
import {
  decodePeerFrame,
  encodePulse,
  encodeRefusal,
  type Hello,
  type PeerFrame,
  type Refusal,
} from '../formats/peer-frame.ts';
import type { Clock } from '../ports/clock.ts';
import type { TransportCounters, TransportEvent } from './transport-counters.ts';
import type { TransportLimits } from './transport-limits.ts';

/** What a connection asks of the transport it belongs to. */
export interface ConnectionOwner {
  readonly id: ServerId;
  readonly clock: Clock;
  readonly limits: TransportLimits;
  readonly counters: TransportCounters;
  writeNumber(): number;
  hello(to: ServerId): Uint8Array;
  /** Why the greeting is refused, or null; what is new of the peer is kept when it resolves. */
  judge(hello: Hello, dialled: ServerId | null): Promise<string | null>;
  /** Whether this connection is the one that stays for its peer. */
  admit(connection: PeerConnection, peer: ServerId): boolean;
  connected(hello: Hello): void;
  received(message: Message): void;
  pulsed(peer: ServerId, writeNumber: number): void;
  closed(connection: PeerConnection): void;
  log(event: TransportEvent): void;
}

const DEADLINE_SLICES = 4;

type Stage = 'greeting' | 'judging' | 'open' | 'closing';

export class PeerConnection {
  /** Who it is; null until the greeting was accepted. */
  peer: ServerId | null = null;
  /** Whom we dialled; null when the peer did. */
  readonly dialled: ServerId | null;
  readonly socket: Socket;
  readonly #owner: ConnectionOwner;
  readonly #webSocket: WebSocket;
  #stage: Stage = 'greeting';
  /** What arrived while the greeting was being judged. */
  #held: PeerFrame[] = [];
  #timer: unknown;
  #silentPulses = 0;
  #queuedMessages = 0;
  #isCorked = false;

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
    webSocket.on('message', (data, isBinary) => this.#arrived(data, isBinary));
    webSocket.on('error', (error) => this.#failed(error));
    webSocket.on('close', () => this.#ended());
    socket.on('data', this.#measureStranger);
    this.#setDeadline(() => this.#silent());
    if (dialled !== null) this.#transmit(owner.hello(dialled));
  }

  /** Whether the frame was taken; not when too much is waiting already. */
  send(frame: Uint8Array): boolean {
    const { queueBytesMax, queueMessagesMax } = this.#owner.limits;
    if (this.#stage !== 'open' || this.#queuedMessages >= queueMessagesMax) return false;
    if (this.#webSocket.bufferedAmount + frame.byteLength > queueBytesMax) return false;
    this.#queuedMessages += 1;
    this.#transmit(frame, () => {
      this.#queuedMessages -= 1;
    });
    return true;
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

  #transmit(frame: Uint8Array, done: () => void = () => {}): void {
    this.#cork();
    this.#webSocket.send(frame, { binary: true, compress: false }, done);
  }

  /** What one turn sends goes out together: a system call for many messages. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.socket.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      this.socket.uncork();
    });
  }

  #arrived(data: RawData, isBinary: boolean): void {
    this.#silentPulses = 0;
    if (this.#stage === 'closing') return;
    const frame = this.#decoded(data, isBinary);
    if (frame === null) return;
    if (this.#stage === 'judging') this.#held.push(frame);
    else this.#take(frame);
  }

  /** Null when there is nothing to take, for which it has done what is to be done. */
  #decoded(data: RawData, isBinary: boolean): PeerFrame | null {
    try {
      if (!isBinary || !(data instanceof Uint8Array)) throw new FrameError('a message of text');
      const frame = decodePeerFrame(data);
      if (this.peer !== null) this.#owner.counters.of(this.peer).receivedBytes += data.byteLength;
      if (frame !== 'unknown-kind') return frame;
      this.#unknown();
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#malformed(error.message);
    }
    return null;
  }

  #take(frame: PeerFrame): void {
    if (frame.type === 'Refusal') this.#refusedByPeer(frame.reason);
    else if (this.#stage === 'open' && this.peer !== null) this.#takeOpen(frame, this.peer);
    else if (this.#stage !== 'greeting') return;
    else if (frame.type === 'Hello') void this.#judge(frame);
    else this.#malformed(`a ${frame.type} before the greeting`);
  }

  #takeOpen(frame: Exclude<PeerFrame, Refusal>, peer: ServerId): void {
    if (frame.type === 'Pulse') this.#owner.pulsed(peer, frame.writeNumber);
    else if (frame.type === 'Hello') this.#malformed('a second greeting');
    else if (frame.from !== peer || frame.to !== this.#owner.id) {
      this.#malformed(`a message from ${frame.from} to ${frame.to}`);
    } else {
      this.#owner.counters.of(peer).receivedMessages += 1;
      this.#owner.received(frame);
    }
  }

  async #judge(hello: Hello): Promise<void> {
    this.#stage = 'judging';
    const refusal = await this.#owner.judge(hello, this.dialled);
    // The connection may have ended meanwhile, which the compiler cannot know.
    if ((this.#stage as Stage) !== 'judging') return;
    this.peer = hello.from;
    if (refusal !== null) this.#refuseGreeting(hello.from, refusal);
    else if (this.#owner.admit(this, hello.from)) this.#begin(hello);
    else this.#stepAside();
  }

  #refuseGreeting(from: ServerId, refusal: string): void {
    this.#owner.counters.refusals += 1;
    this.#owner.log({ type: 'refused', peer: from, message: refusal });
    this.#refuse(refusal);
  }

  #begin(hello: Hello): void {
    this.#stage = 'open';
    this.socket.off('data', this.#measureStranger);
    if (this.dialled === null) this.#transmit(this.#owner.hello(hello.from));
    this.#pulse();
    this.#owner.connected(hello);
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
    for (const frame of held) this.#take(frame);
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
    this.#wait(limits.pulseIntervalMs, () => this.#pulse());
  }

  #unknown(): void {
    if (this.#stage === 'greeting') this.#malformed('a frame of an unknown kind first');
    else this.#owner.counters.unknownKinds += 1;
  }

  #malformed(what: string): void {
    this.#owner.counters.malformed += 1;
    const who = this.peer ?? this.dialled ?? this.#address;
    const message = `The connection to ${who} is closed: it sent what is no frame of ours, ${what}.`;
    this.#owner.log({ type: 'malformed', peer: this.peer, message });
    this.#refuse(message);
  }

  #refuse(reason: string): void {
    this.#transmit(encodeRefusal(reason));
    this.close();
  }

  #refusedByPeer(reason: string): void {
    const peer = this.peer ?? this.dialled;
    this.#owner.log({ type: 'refusedByPeer', peer, message: reason });
    this.close();
  }

  #silent(): void {
    this.#owner.counters.strangers += 1;
    const who = this.dialled ?? this.#address;
    const message = `The connection to ${who} is closed: it did not introduce itself in time.`;
    this.#owner.log({ type: 'stranger', peer: this.dialled, message });
    this.terminate();
  }

  /** Nobody may fill our memory before we know who it is. */
  readonly #measureStranger = (): void => {
    if (this.socket.bytesRead > this.#owner.limits.strangerBytesMax) {
      this.socket.off('data', this.#measureStranger);
      if (this.#stage === 'greeting') this.#malformed('a greeting that does not end');
    }
  };

  /** What ws itself finds wrong with the stream has a code of its own; the rest is the network's. */
  #failed(error: Error & { code?: string }): void {
    if (this.#stage === 'closing' || !error.code?.startsWith('WS_ERR_')) return;
    this.#malformed(error.message);
  }

  #ended(): void {
    this.#stage = 'closing';
    this.#held = [];
    this.#owner.clock.clearTimeout(this.#timer);
    this.socket.off('data', this.#measureStranger);
    this.#owner.closed(this);
  }

  get #address(): string {
    return this.socket.remoteAddress ?? 'somebody';
  }

  /**
   * In slices: when our own process was held up, what has arrived meanwhile is read before anybody
   * is called late.
   */
  #setDeadline(callback: () => void, slicesLeft = DEADLINE_SLICES): void {
    const sliceMs = this.#owner.limits.greetingDeadlineMs / DEADLINE_SLICES;
    this.#wait(sliceMs, () => {
      if (slicesLeft > 1) this.#setDeadline(callback, slicesLeft - 1);
      else callback();
    });
  }

  #wait(delayMs: number, callback: () => void): void {
    this.#owner.clock.clearTimeout(this.#timer);
    this.#timer = this.#owner.clock.setTimeout(callback, delayMs);
  }
}
