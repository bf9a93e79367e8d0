/** Servers for a client, in memory: each exchange is held until the test says how it ends. */
import type {
  ExchangeResult,
  HttpPort,
  HttpRequest,
  HttpResponse,
} from '../../src/client/index.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';

export interface HeldExchange {
  readonly request: HttpRequest;
  isAbandoned: boolean;
  end(ending: ExchangeResult): void;
}

export function answer(
  status: number,
  body: object | string = {},
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return {
    status,
    header: (name) => headers[name] ?? null,
    body: new TextEncoder().encode(text),
  };
}

export const errorAnswer = (status: number, code: string, fields: object = {}) =>
  answer(status, { error: { code, message: `about ${code}`, ...fields } });

export const redirectTo = (endpoint: string) =>
  answer(307, '', { location: `${endpoint}/v1/kv/k?x=1` });

export class ScriptedServers implements HttpPort {
  readonly clock = new VirtualClock();
  /** Every exchange, in the order they were begun. */
  readonly exchanges: HeldExchange[] = [];
  /** How an exchange ends at once; null holds it. */
  script: (request: HttpRequest) => ExchangeResult | null = () => null;
  /** What is said beside such an ending. */
  codes: Readonly<Record<string, string>> = {};
  /** Whether what is abandoned may have left. */
  isConnected = true;
  isClosed = false;

  send(request: HttpRequest, done: (ending: ExchangeResult, code?: string) => void): () => boolean {
    const exchange: HeldExchange = {
      request,
      isAbandoned: false,
      end: (ending) => {
        const code = typeof ending === 'string' ? this.codes[ending] : undefined;
        if (!exchange.isAbandoned) done(ending, code);
      },
    };
    this.exchanges.push(exchange);
    const ending = this.script(request);
    if (ending !== null) this.clock.setTimeout(() => exchange.end(ending), 1);
    return () => {
      exchange.isAbandoned = true;
      return this.isConnected;
    };
  }

  close(): void {
    this.isClosed = true;
  }

  /** Lets virtual time pass until the promise settles. */
  async settle<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false;
    const settled = promise.finally(() => {
      isSettled = true;
    });
    settled.catch(() => {});
    while (!isSettled) {
      await turn();
      if (!isSettled && !this.clock.fireNext()) throw new Error('it waits for nothing');
    }
    return settled;
  }

  async runFor(durationMs: number): Promise<void> {
    const through = this.clock.now() + durationMs;
    do await turn();
    while (this.clock.fireNext(through));
    await turn();
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
