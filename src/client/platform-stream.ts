/**
 * Streams by the platform's `WebSocket`. Node.js has one from version 22 on; before that, the package
 * `ws` is loaded when it is needed, which in a browser is never.
 */
import type { OpenStream } from '../ports/stream.ts';

/** What is used of a WebSocket; both implementations have it. */
interface PlatformSocket {
  binaryType: string;
  readonly readyState: number;
  send(message: Uint8Array): void;
  close(code?: number): void;
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
}

type PlatformSocketClass = new (address: string, subprotocol: string) => PlatformSocket;

const OPEN = 1;
const DONE = 1_000;

async function socketClass(): Promise<PlatformSocketClass> {
  const { WebSocket } = globalThis as { readonly WebSocket?: PlatformSocketClass };
  if (WebSocket !== undefined) return WebSocket;
  return (await import('ws')).WebSocket as unknown as PlatformSocketClass;
}

export const openPlatformStream: OpenStream = ({ address, subprotocol, ...told }) => {
  let socket: PlatformSocket | null = null;
  let isOver = false;
  const end = () => {
    if (isOver) return;
    isOver = true;
    told.closed();
  };
  const listen = (opening: PlatformSocket) => {
    socket = opening;
    socket.binaryType = 'arraybuffer';
    socket.addEventListener('open', () => told.opened());
    socket.addEventListener('message', ({ data }) => {
      // Servers send no text; this one is none.
      if (data instanceof ArrayBuffer) told.received(new Uint8Array(data));
      else opening.close();
    });
    // An error is followed by this one.
    socket.addEventListener('error', () => {});
    socket.addEventListener('close', end);
  };
  socketClass()
    .then((Socket) => {
      if (!isOver) listen(new Socket(address, subprotocol));
    })
    .catch(end);
  return {
    send: (message) => {
      if (socket?.readyState === OPEN) socket.send(message);
    },
    close() {
      if (socket === null) isOver = true;
      else socket.close(DONE);
    },
    // Browsers have no say in how long a process lives.
    setBusy() {},
  };
};
