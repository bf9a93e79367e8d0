/**
 * Clients that get, put, append and compare-and-set until they are told to stop, each through a
 * session of its own. They leave the servers some time between two calls: the load has to be steady,
 * not the greatest there is.
 */
import assert from 'node:assert/strict';
import { type Client, connect } from '../../src/client/index.ts';
import { nodeHttpPort } from '../../src/node/http-port.ts';
import type { SeededRandom } from '../../src/simulation/random.ts';
import { type Caller, Recorder } from './recorder.ts';
import { eventually } from './statuses.ts';

/** With fewer in a second of a stretch, what a fault does to a cluster under load was not seen. */
export const OPERATIONS_PER_SECOND_MIN = 200;
const OPERATIONS_PER_SECOND_MAX = 600;
const CLIENTS = 6;
/** What a client has under way at once. */
const LANES = 16;
const INTERVAL_MS = (1_000 * CLIENTS * LANES) / OPERATIONS_PER_SECOND_MAX;
const SHARED_KEYS = 24;
const PATIENCE_MS = 30_000;

/** What succeeded while nothing was wrong. */
export interface Throughput {
  readonly when: string;
  readonly operations: number;
  readonly durationMs: number;
  readonly perSecond: number;
}

export class Load {
  readonly recorder: Recorder;
  readonly throughputs: Throughput[] = [];
  readonly #clients: readonly Client[];
  readonly #random: SeededRandom;
  #isOver = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(endpoints: readonly string[], path: string, random: SeededRandom) {
    this.recorder = new Recorder(path);
    this.#random = random;
    // Half of them in streams, half over HTTP: what holds for the one holds for the other.
    this.#clients = Array.from({ length: CLIENTS }, (_, place) =>
      connectTo(endpoints, place % 2 === 0),
    );
  }

  start(): void {
    const lanes = this.#clients.flatMap((client, place) =>
      Array.from({ length: LANES }, (_, lane) =>
        this.#work(client, `${place}${String.fromCharCode(97 + lane)}`),
      ),
    );
    this.#running = Promise.all(lanes);
  }

  /** Resolves when so many more operations have succeeded. */
  async progressed(count: number): Promise<void> {
    const wanted = this.recorder.answered + count;
    const what = `${count} more operations succeed`;
    await eventually(what, PATIENCE_MS, () => this.recorder.answered >= wanted);
  }

  /**
   * Lets the load go on while nothing is wrong: for a stretch of time, and until as many operations
   * have succeeded as belong to it. How long that takes depends on what else the machine does.
   */
  async counts(when: string, stretchMs: number): Promise<void> {
    const [before, from] = [this.recorder.answered, performance.now()];
    await new Promise((resolve) => setTimeout(resolve, stretchMs));
    const wanted = before + (OPERATIONS_PER_SECOND_MIN * stretchMs) / 1_000;
    const what = `${wanted - before} operations succeed ${when}`;
    await eventually(what, PATIENCE_MS, () => this.recorder.answered >= wanted);
    const durationMs = Math.round(performance.now() - from);
    const operations = this.recorder.answered - before;
    const perSecond = Math.round((operations / durationMs) * 1_000);
    this.throughputs.push({ when, operations, durationMs, perSecond });
  }

  /** Begins nothing new, waits for what is under way, and reads every key once more. */
  async finish(): Promise<void> {
    this.#isOver = true;
    await this.#running;
    const caller = { client: this.#clients[0] as Client, name: 'final' };
    for (const key of this.recorder.keys) {
      const { outcome } = await this.recorder.get(caller, key);
      assert.equal(outcome, 'applied', `the final value of ${key} cannot be read`);
    }
    await this.close();
  }

  /** Gives up what is under way. */
  async close(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#clients.map((client) => client.close()));
    await this.#running;
    await this.recorder.history.close();
  }

  async #work(client: Client, lane: string): Promise<void> {
    const random = this.#random.fork(lane);
    let caller: Caller = { client, name: `${lane}.1` };
    let dueAt = performance.now();
    for (let turn = 1; !this.#isOver; turn += 1) {
      const { outcome } = await this.#turn(caller, `${lane}.${turn} `, random);
      // What was in doubt may take effect later, beside whatever this lane does next.
      if (outcome === 'unknown') caller = { client, name: `${lane}.${turn + 1}` };
      dueAt = Math.max(dueAt + INTERVAL_MS, performance.now());
      await new Promise((resolve) => setTimeout(resolve, dueAt - performance.now()));
    }
  }

  /** Every value written is another one, so that a read tells which write it has seen. */
  async #turn(caller: Caller, value: string, random: SeededRandom): Promise<{ outcome: string }> {
    const { recorder } = this;
    const key = `shared/${random.below(SHARED_KEYS)}`;
    const kind = random.next();
    if (kind < 0.3) return recorder.get(caller, key);
    if (kind < 0.5) return recorder.put(caller, key, value);
    if (kind < 0.65) return recorder.append(caller, key, value);
    if (kind < 0.8) {
      const found = await recorder.get(caller, key);
      if (found.outcome !== 'applied') return found;
      return recorder.compareAndSet(caller, key, found.result, value);
    }
    // Nothing overwrites these: one that is lost, or there twice, is missed until the end.
    const [lane = ''] = caller.name.split('.');
    return recorder.append(caller, `owned/${lane}`, value);
  }
}

export function connectTo(endpoints: readonly string[], stream = true): Client {
  return connect({ endpoints, stream, http: nodeHttpPort(), attemptTimeoutMs: 1_000 });
}
