/** What goes out on one WebSocket: together in each turn of the event loop, and within its bounds. */
import type { Socket } from 'node:net';
import type { WebSocket } from 'ws';
import type { TransportLimits } from './transport-limits.ts';

export function peerWriter(
  webSocket: WebSocket,
  socket: Socket,
  { queueBytesMax, queueMessagesMax }: TransportLimits,
) {
  let queuedMessages = 0;
  let isCorked = false;
  /** What one turn sends goes out together: a system call for many messages. */
  const cork = () => {
    if (isCorked) return;
    isCorked = true;
    socket.cork();
    process.nextTick(() => {
      isCorked = false;
      socket.uncork();
    });
  };
  const write = (frame: Uint8Array, done: () => void = () => {}) => {
    cork();
    webSocket.send(frame, { binary: true, compress: false }, done);
  };
  const sent = () => {
    queuedMessages -= 1;
  };
  return {
    write: (frame: Uint8Array) => write(frame),
    /** Whether the frame was taken; not when too much is waiting already. */
    offer(frame: Uint8Array): boolean {
      if (queuedMessages >= queueMessagesMax) return false;
      if (webSocket.bufferedAmount + frame.byteLength > queueBytesMax) return false;
      queuedMessages += 1;
      write(frame, sent);
      return true;
    },
  };
}
