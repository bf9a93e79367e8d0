/** A model server and its service, which listens: for tests that need a real connection. */
import { afterEach } from 'vitest';
import type { ServiceOptions } from '../../src/service/context.ts';
import type { Service } from '../../src/service/service.ts';
import { ModelServer, serviceOf } from './model-server.ts';
import { StreamWire, type WireOptions } from './stream-wire.ts';

export class Listening {
  server = new ModelServer();
  port = 0;
  #service: Service | null = null;

  get service(): Service {
    if (this.#service === null) throw new Error('the test has not started it');
    return this.#service;
  }

  /** A new server and a new service; one that was there before is closed. */
  async start(options: Partial<ServiceOptions> = {}): Promise<void> {
    this.server = new ModelServer();
    await this.restart(options);
  }

  /** Another service of the same server, at another port. */
  async restart(options: Partial<ServiceOptions> = {}): Promise<void> {
    await this.close();
    this.#service = serviceOf(this.server, options);
    ({ port: this.port } = await this.service.listen({ host: '127.0.0.1', port: 0 }));
  }

  /** A stream that is welcome, or was refused. */
  stream(options?: WireOptions): Promise<StreamWire> {
    return StreamWire.open(this.port, options);
  }

  async close(): Promise<void> {
    await this.#service?.close();
  }
}

/** For a whole file: what a test has started is closed after it. */
export function listening(): Listening {
  const at = new Listening();
  afterEach(() => at.close());
  return at;
}

/** Lets the event loop turn, since nothing tells when that becomes so. */
export async function turnUntil(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}
