/** How a client has a stream to a server: one WebSocket, and whole messages each way. */

/** Where a stream leads, and what is told of it. */
export interface StreamRequest {
  /** `ws://` or `wss://`, with a path and nothing secret. */
  readonly address: string;
  readonly subprotocol: string;
  /** A longer message ends the stream. */
  readonly messageBytesMax: number;
  /** The handshake is over: messages may be sent. */
  opened(): void;
  /** Valid until it returns; what is kept of it has to be copied. */
  received(message: Uint8Array): void;
  /** Called once, whether it was opened or not. */
  closed(): void;
}

/** One stream, from its beginning. */
export interface StreamSocket {
  /** Once it is opened, until it is closed. */
  send(message: Uint8Array): void;
  /** Idempotent. */
  close(): void;
  /** Whether anybody waits for it; if nobody does, it keeps no process alive, where it can tell. */
  setBusy(isBusy: boolean): void;
}

/** Begins to open a stream; what becomes of it is told later. */
export type OpenStream = (request: StreamRequest) => StreamSocket;
