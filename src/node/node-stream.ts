/** Streams for clients by `ws`, with certificates of their own where a cluster asks for them. */
import { WebSocket } from 'ws';
import type { OpenStream } from '../ports/stream.ts';

const HANDSHAKE_WITHIN_MS = 5_000;
const DONE = 1_000;
/** How long a server has to close its side. */
const CLOSE_GRACE_MS = 200;
const SENT = { binary: true, compress: false } as const;

/** As those of the HTTP port: PEM, for `wss`. */
interface StreamTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** Idle streams do not keep the process alive. */
export function openNodeStream(tls: StreamTls): OpenStream {
  return ({ address, subprotocol, messageBytesMax: maxPayload, ...told }) => {
    const webSocket = new WebSocket(address, subprotocol, {
      ...{ ...tls, minVersion: 'TLSv1.2' },
      ...{ maxPayload, perMessageDeflate: false, handshakeTimeout: HANDSHAKE_WITHIN_MS },
    });
    let connection: { ref(): unknown; unref(): unknown } | null = null;
    let isBusy = true;
    webSocket.on('upgrade', ({ socket }) => {
      socket.setNoDelay(true);
      connection = socket;
      if (!isBusy) socket.unref();
    });
    webSocket.on('open', () => told.opened());
    webSocket.on('message', (data: Buffer, isBinary) => {
      if (isBinary) told.received(data);
      else webSocket.terminate();
    });
    // It is followed by `close`.
    webSocket.on('error', () => {});
    webSocket.on('close', () => told.closed());
    return {
      send: (message) => {
        if (webSocket.readyState === webSocket.OPEN) webSocket.send(message, SENT);
      },
      close() {
        if (webSocket.readyState === webSocket.CONNECTING) {
          webSocket.terminate();
          return;
        }
        webSocket.close(DONE);
        setTimeout(() => webSocket.terminate(), CLOSE_GRACE_MS).unref();
      },
      setBusy(busy) {
        if (busy === isBusy) return;
        isBusy = busy;
        if (busy) connection?.ref();
        else connection?.unref();
      },
    };
  };
}
