/**
 * The requests of one client: each gets a line of its own, and what one learns about the leader
 * serves them all.
 */

import { backoffMs, type Endpoint, type RequestKind } from '../../machines/rules/client.ts';
import { sessionMachine } from '../../machines/session.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { HttpPort } from './http-port.ts';
import { type Exchange, Line, type Settlement } from './line.ts';
import type { Redirects } from './redirects.ts';

export interface CallerOptions {
  readonly endpoints: readonly Endpoint[];
  readonly attemptTimeoutMs: number;
  readonly http: HttpPort;
  readonly redirects: Redirects;
  readonly random: Random;
  readonly clock: Clock;
}

/** What is asked, and until when: by the client's own clock. */
export interface Call {
  readonly kind: RequestKind;
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  readonly exchange: Exchange;
}

export class Caller {
  readonly #options: CallerOptions;
  readonly #machine: typeof sessionMachine;
  readonly #idle: Line[] = [];
  readonly #busy = new Set<Line>();
  #leader: Endpoint | null = null;

  constructor(options: CallerOptions) {
    this.#options = options;
    this.#machine = sessionMachine.provide({
      delays: { backoff: ({ context }) => backoffMs(context, options.random.next()) },
    });
  }

  newLine(): Line {
    const { endpoints, http, redirects, clock } = this.#options;
    return new Line(this.#machine, endpoints, http, redirects, clock);
  }

  async call(
    { kind, deadlineMs, signal, exchange }: Call,
    line: Line = this.#idle.pop() ?? this.newLine(),
  ): Promise<Settlement> {
    const { clock } = this.#options;
    this.#busy.add(line);
    const cancel = () => line.cancel();
    signal?.addEventListener('abort', cancel);
    // Any server may answer a stale read; the others go where the leader was last.
    const leader = kind === 'staleRead' ? null : this.#leader;
    const timeoutMs = Math.max(deadlineMs - clock.now(), 0);
    const attemptTimeoutMs = this.#attemptTimeoutMs(timeoutMs);
    const settlement = await line.ask({ kind, timeoutMs, attemptTimeoutMs }, leader, exchange);
    signal?.removeEventListener('abort', cancel);
    this.#busy.delete(line);
    this.#idle.push(line);
    // What another request has learnt in the meantime is newer than that this one found nobody.
    if (settlement.leader !== null || this.#leader === leader) this.#leader = settlement.leader;
    return settlement;
  }

  /** Short enough for every server to be asked in time, and for one more that they send us to. */
  #attemptTimeoutMs(timeoutMs: number): number {
    const { endpoints, attemptTimeoutMs } = this.#options;
    return Math.min(attemptTimeoutMs, timeoutMs / (endpoints.length + 1));
  }

  /** Gives up everything under way. */
  cancelAll(): void {
    for (const line of this.#busy) line.cancel();
  }
}
