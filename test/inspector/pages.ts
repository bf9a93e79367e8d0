/** Pages that look on, without a browser: WebSockets that keep what they are told. */
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type ClientOptions, WebSocket } from 'ws';
import type { InspectionRecord } from '../../src/inspector/protocol.ts';
import { InspectorSocket, type InspectorSocketOptions } from '../../src/inspector/socket.ts';

export class Page {
  readonly records: InspectionRecord[] = [];
  readonly socket: WebSocket;
  readonly closed: Promise<{ code: number; reason: string }>;
  /** The status of an HTTP answer that was given instead of a WebSocket, with its body. */
  refusal: { status: number; body: string } | null = null;
  #watchers: (() => void)[] = [];

  constructor(url: string, options: ClientOptions = {}, protocols: readonly string[] = []) {
    this.socket = new WebSocket(url, [...protocols], options);
    this.socket.on('error', () => {});
    this.socket.on('message', (data) => {
      for (const line of data.toString().split('\n')) this.records.push(JSON.parse(line));
      this.#notify();
    });
    this.socket.on('unexpected-response', (_, response) => {
      let body = '';
      response.on('data', (part) => {
        body += part;
      });
      response.on('end', () => {
        this.refusal = { status: response.statusCode ?? 0, body };
        this.socket.terminate();
        this.#notify();
      });
    });
    this.closed = new Promise((resolve) => {
      this.socket.once('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#notify();
      });
    });
  }

  /** Resolves with the first record that is wanted, from those that are there on. */
  async until(isWanted: (record: InspectionRecord) => boolean): Promise<InspectionRecord> {
    for (;;) {
      const found = this.records.find(isWanted);
      if (found !== undefined) return found;
      if (this.socket.readyState === WebSocket.CLOSED) {
        throw new Error(`closed after ${this.records.length} records`);
      }
      await new Promise<void>((resolve) => this.#watchers.push(resolve));
    }
  }

  /** Resolves with the HTTP answer that was given instead. */
  async refused(): Promise<{ status: number; body: string }> {
    await this.closed;
    if (this.refusal === null) throw new Error('it was not refused');
    return this.refusal;
  }

  #notify(): void {
    for (const watcher of this.#watchers.splice(0)) watcher();
  }
}

/** The inspector's socket on an HTTP server of its own. */
export class Bed {
  readonly server: Server = createServer();
  readonly socket: InspectorSocket;
  readonly #pages: Page[] = [];
  readonly #wires: Socket[] = [];

  constructor(
    options: Omit<InspectorSocketOptions, 'addresses' | 'isOurHost'> &
      Partial<Pick<InspectorSocketOptions, 'addresses'>>,
  ) {
    this.socket = new InspectorSocket({
      addresses: () => [`http://127.0.0.1:${this.port}`],
      ...options,
      isOurHost: (host) => host.startsWith('127.0.0.1'),
    });
    this.server.on('upgrade', this.socket.upgrade);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  page(options: ClientOptions = {}, path = '/inspect/socket'): Page {
    const page = new Page(`ws://127.0.0.1:${this.port}${path}`, options);
    this.#pages.push(page);
    return page;
  }

  /** A connection of bytes. */
  wire(): Socket {
    const wire = connect(this.port, '127.0.0.1');
    wire.on('error', () => {});
    this.#wires.push(wire);
    return wire;
  }

  async close(): Promise<void> {
    for (const { socket } of this.#pages) socket.terminate();
    for (const wire of this.#wires) wire.destroy();
    await this.socket.close('the test is over');
    await new Promise((resolve) => this.server.close(resolve));
  }
}
