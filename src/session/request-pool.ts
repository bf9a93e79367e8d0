/**
 * The requests of one client: an actor of the request machine carries each, and what one learns about
 * the leader serves them all. Actors are kept for later requests, since making one costs more than
 * what it does.
 */
import { type ActorRefFrom, createActor } from 'xstate';
import { requestMachine } from '../../machines/request.ts';
import {
  type AttemptResult,
  backoffMs,
  type Endpoint,
  giveUp,
  type RequestEffect,
  type RequestKind,
  type RequestResult,
} from '../../machines/rules/request.ts';
import { compiled } from '../interpreter/interpreter.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';

export interface RequestPoolOptions {
  readonly endpoints: readonly Endpoint[];
  /** How long one attempt may wait, of a request that may take so long. */
  attemptTimeoutMs(timeoutMs: number): number;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Makes one attempt, and calls `end` once, later. The function that is returned abandons the attempt,
 * and returns whether it may have left.
 */
export type Attempt = (
  endpoint: Endpoint,
  withinMs: number,
  end: (result: AttemptResult) => void,
) => () => boolean;

type RequestActor = ActorRefFrom<typeof requestMachine>;
type Settlement = Extract<RequestEffect, { readonly type: 'settle' }>;

export class RequestPool {
  readonly #options: RequestPoolOptions;
  readonly #idle: RequestActor[] = [];
  readonly #busy = new Set<RequestActor>();
  readonly #machine: typeof requestMachine;
  #leader: Endpoint | null = null;

  constructor(options: RequestPoolOptions) {
    this.#options = options;
    this.#machine = compiled(requestMachine, {
      delays: { backoff: ({ context }) => backoffMs(context, options.random.next()) },
    });
  }

  /**
   * Rejects only for a bug.
   * @param deadlineMs - by the clock of the pool
   */
  async run(
    kind: RequestKind,
    attempt: Attempt,
    deadlineMs: number,
    signal?: AbortSignal,
  ): Promise<RequestResult> {
    const { endpoints, attemptTimeoutMs, clock } = this.#options;
    const input = { endpoints };
    const actor = this.#idle.pop() ?? createActor(this.#machine, { input, clock }).start();
    const cancel = () => actor.send({ type: 'request.cancelled' });
    this.#busy.add(actor);
    signal?.addEventListener('abort', cancel);
    // Any server may answer a stale read; the others go where the leader was last.
    const known = kind === 'staleRead' ? null : this.#leader;
    const timeoutMs = Math.max(deadlineMs - clock.now(), 0);
    const request = { kind, timeoutMs, attemptTimeoutMs: attemptTimeoutMs(timeoutMs) };
    let abandon = () => true;
    let mayHaveLeft = true;
    const { result, leader } = await new Promise<Settlement>((resolve, reject) => {
      const effects = actor.on('*', (effect) => {
        if (effect.type === 'abandonRequest') {
          mayHaveLeft = abandon();
        } else if (effect.type === 'settle') {
          effects.unsubscribe();
          bugs.unsubscribe();
          resolve(effect);
        } else {
          mayHaveLeft = true;
          abandon = attempt(effect.endpoint, request.attemptTimeoutMs, (ended) =>
            actor.send({ type: 'attempt.ended', attempt: effect.attempt, result: ended }),
          );
        }
      });
      const bugs = actor.subscribe({ error: reject });
      actor.send({ type: 'request.submitted', request, leader: known });
    });
    signal?.removeEventListener('abort', cancel);
    this.#busy.delete(actor);
    this.#idle.push(actor);
    // What another request has learned meanwhile is newer than that this one found no leader.
    if (leader !== null || this.#leader === known) this.#leader = leader;
    if (result.outcome !== 'unknown' || mayHaveLeft) return result;
    // The machine takes what was handed over for sent; the last attempt was still being connected.
    return giveUp(actor.getSnapshot().context, result.reason).result ?? result;
  }

  /** Gives up everything under way. */
  cancelAll(): void {
    for (const actor of this.#busy) actor.send({ type: 'request.cancelled' });
  }
}
