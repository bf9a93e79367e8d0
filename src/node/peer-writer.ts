/** What goes out on one WebSocket: together in each turn, and no more than may wait. */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { TransportLimits } from './transport-limits.ts';

export class PeerWriter {
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #limits: TransportLimits;
  #queuedMessages = 0;
  #isCorked = false;

  constructor(webSocket: WebSocket, socket: Socket, limits: TransportLimits) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#limits = limits;
  }

  /** Whether the frame was taken; not when too much is waiting already. */
  offer(frame: Uint8Array): boolean {
    const { queueBytesMax, queueMessagesMax } = this.#limits;
    if (this.#queuedMessages >= queueMessagesMax) return false;
    if (this.#webSocket.bufferedAmount + frame.byteLength > queueBytesMax) return false;
    this.#queuedMessages += 1;
    this.write(frame, () => {
      this.#queuedMessages -= 1;
    });
    return true;
  }

  write(frame: Uint8Array, done: () => void = () => {}): void {
    this.#cork();
    this.#webSocket.send(frame, { binary: true, compress: false }, done);
  }

  /** What one turn sends goes out together: a system call for many messages. */
  #cork(): void {
    if (this.#isCorked) return;
    this.#isCorked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#isCorked = false;
      this.#socket.uncork();
    });
  }
}
