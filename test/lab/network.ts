/**
 * The course's network (MIT 6.824, labrpc) calls that are answered, lost, late, or
 * never arrive, with the course's own probabilities and delays.
 *
 * An end is one direction between two names, and can be cut; a server is whatever was registered
 * last under its name, so that nothing is heard of one that crashed. Nobody is ever asked twice.
 */
import type { Clock } from '../../src/ports/clock.ts';
import type { SeededRandom } from '../../src/simulation/random.ts';

/** The course's numbers; only the hop is ours, since its own takes what the machine takes. */
export const FAULTS = {
  /** A reliable hop, one way. */
  hopMs: { from: 0.5, until: 1 },
  /** Unreliable: a request takes 0 to 26 ms, whole; then it is lost, or later its reply. */
  unreliableRequestMsEnd: 27,
  requestLoss: 0.1,
  replyLoss: 0.1,
  /** Long reordering: two replies in three are late by 200 ms and up to a random bound. */
  lateReply: 2 / 3,
  lateReplyMs: 200,
  lateReplyRandomMsMax: 2_000,
  /** How soon a call to nobody fails: below 7 s with long delays, below 100 ms without. */
  longFailureMsEnd: 7_000,
  failureMsEnd: 100,
  /** How often a call that waits for its handler asks whether the server is still there. */
  aliveCheckMs: 100,
} as const;

/** What the course's network does not do, for tests that ask for more than the course. */
export interface Adversity {
  /** Hops that take longer. */
  readonly hopMs?: { readonly from: number; readonly until: number };
  /** A request on its way is lost when its end is cut: a crash takes along what was not yet sent. */
  readonly cutLosesRequests?: boolean;
}

export type Handler = (request: Uint8Array) => Promise<Uint8Array>;

interface LabServer {
  readonly handler: Handler;
  arrived: number;
}

export class LabNetwork {
  isReliable = true;
  isLongReordering = false;
  hasLongDelays = false;
  adversity: Adversity = {};
  readonly #clock: Clock;
  readonly #random: SeededRandom;
  readonly #servers = new Map<string, LabServer>();
  readonly #enabled = new Set<string>();
  #calls = 0;
  #bytes = 0;

  constructor({ clock, random }: { clock: Clock; random: SeededRandom }) {
    this.#clock = clock;
    this.#random = random;
  }

  /** Calls made so far, whatever became of them. */
  get callsTotal(): number {
    return this.#calls;
  }

  /** Bytes of requests made and of replies delivered. */
  get bytesTotal(): number {
    return this.#bytes;
  }

  /** Requests that arrived at the present server of that name. */
  arrivedAt(name: string): number {
    return this.#servers.get(name)?.arrived ?? 0;
  }

  /** Registers a server; one of that name that was there before is heard of no more. */
  addServer(name: string, handler: Handler): void {
    this.#servers.set(name, { handler, arrived: 0 });
  }

  deleteServer(name: string): void {
    this.#servers.delete(name);
  }

  /** Ends are cut until they are enabled. */
  enable(from: string, to: string, isEnabled: boolean): void {
    if (isEnabled) this.#enabled.add(endName(from, to));
    else this.#enabled.delete(endName(from, to));
  }

  isEnabled(from: string, to: string): boolean {
    return this.#enabled.has(endName(from, to));
  }

  /** Undefined: the request or its reply was lost, or nobody could be reached. */
  async call(from: string, to: string, request: Uint8Array): Promise<Uint8Array | undefined> {
    this.#calls += 1;
    this.#bytes += request.byteLength;
    const server = this.#servers.get(to);
    if (server === undefined || !this.isEnabled(from, to)) return this.#reachNobody();
    const isReliable = this.isReliable;
    const isLongReordering = this.isLongReordering;
    await this.#sleep(isReliable ? this.#hop() : this.#below(FAULTS.unreliableRequestMsEnd));
    if (!isReliable && this.#random.chance(FAULTS.requestLoss)) return undefined;
    if (this.adversity.cutLosesRequests && !this.isEnabled(from, to)) return undefined;
    server.arrived += 1;
    const isGone = () => !this.isEnabled(from, to) || this.#servers.get(to) !== server;
    const reply = await this.#answer(server.handler(request), isGone);
    if (reply === undefined || isGone()) return undefined;
    if (!isReliable && this.#random.chance(FAULTS.replyLoss)) return undefined;
    const isLate = isLongReordering && this.#random.chance(FAULTS.lateReply);
    await this.#sleep(isLate ? this.#lateness() : this.#hop());
    this.#bytes += reply.byteLength;
    return reply;
  }

  async #reachNobody(): Promise<undefined> {
    const { longFailureMsEnd, failureMsEnd } = FAULTS;
    await this.#sleep(this.#below(this.hasLongDelays ? longFailureMsEnd : failureMsEnd));
    return undefined;
  }

  /** The handler's answer, or undefined once its server is gone, even if it never answers. */
  #answer(answered: Promise<Uint8Array>, isGone: () => boolean): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      let timer: ReturnType<Clock['setTimeout']>;
      const look = () => {
        if (isGone()) resolve(undefined);
        else timer = this.#clock.setTimeout(look, FAULTS.aliveCheckMs);
      };
      timer = this.#clock.setTimeout(look, FAULTS.aliveCheckMs);
      answered.then(resolve, reject).finally(() => this.#clock.clearTimeout(timer));
    });
  }

  #lateness(): number {
    const bound = 1 + this.#below(FAULTS.lateReplyRandomMsMax);
    return FAULTS.lateReplyMs + this.#below(bound);
  }

  #hop(): number {
    const { from, until } = this.adversity.hopMs ?? FAULTS.hopMs;
    return this.#random.between(from, until);
  }

  #below(end: number): number {
    return this.#random.below(end);
  }

  #sleep(forMs: number): Promise<void> {
    return new Promise((resolve) => this.#clock.setTimeout(resolve, forMs));
  }
}

function endName(from: string, to: string): string {
  return `${from} → ${to}`;
}
