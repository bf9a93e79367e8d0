/**
 * The course's clerk (MIT 6.824, lab 3): one operation at a time, tried at the last known leader and
 * then at one server after the other, for ever. Each operation has a sequence of its own, which
 * every attempt bears, so that servers can tell a repeat.
 */
import type { Clock } from '../../src/ports/clock.ts';
import { claim } from './course-test.ts';
import {
  type ClerkRequest,
  decodeReply,
  encodeRequest,
  type KeyValueOperation,
} from './key-value-wire.ts';

/** After a round in which no server answered, a clerk waits: an election takes longer anyway. */
const FRUITLESS_ROUND_MS = 20;

export interface ClerkOptions {
  readonly name: string;
  readonly id: number;
  readonly servers: number;
  readonly clock: Clock;
  /** Undefined: lost, one way or the other. */
  readonly call: (server: number, request: Uint8Array) => Promise<Uint8Array | undefined>;
}

export class Clerk {
  readonly #options: ClerkOptions;
  #leader = 0;
  #sequence = 0;

  get name(): string {
    return this.#options.name;
  }

  constructor(options: ClerkOptions) {
    this.#options = options;
  }

  /** What the key holds, or the empty string. */
  get(key: string): Promise<string> {
    return this.do({ type: 'get', key });
  }

  async put(key: string, value: string): Promise<void> {
    await this.do({ type: 'put', key, value });
  }

  async append(key: string, value: string): Promise<void> {
    await this.do({ type: 'append', key, value });
  }

  /** Resolves with what a get found; with the empty string for a write. */
  async do(operation: KeyValueOperation): Promise<string> {
    const { id: clerk, servers } = this.#options;
    this.#sequence += 1;
    const request: ClerkRequest = { clerk, sequence: this.#sequence, operation };
    const bytes = encodeRequest(request);
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#options.call(this.#leader, bytes);
      const reply = answer === undefined ? 'elsewhere' : decodeReply(answer);
      if (reply !== 'elsewhere') return reply.value;
      this.#leader = (this.#leader + 1) % servers;
      if (attempt % servers === 0) await this.#rest();
    }
  }

  #rest(): Promise<void> {
    return new Promise((resolve) => this.#options.clock.setTimeout(resolve, FRUITLESS_ROUND_MS));
  }
}

/** Each key holds what it should, as the clerk sees it. */
export async function expectValues(clerk: Clerk, values: Record<string, string>): Promise<void> {
  for (const [key, value] of Object.entries(values)) {
    const found = await clerk.get(key);
    claim(found === value, `key '${key}' holds '${found}' where '${value}' was put`);
  }
}
