/**
 * Clients of any state machine, that call its servers without anything between them. They follow the
 * leader, ask again what was refused, and keep what they asked and what they were answered.
 */

import type { Operation } from '../../checker/linearizability.ts';
import type { Model, Specification } from '../../checker/model.ts';
import type { Outcome } from '../../ports/outcome.ts';
import type { CallOptions } from '../../ports/server.ts';
import { SeededRandom } from '../random.ts';
import { BrokenGuarantee, requireLinearizable } from './guarantees.ts';
import type { ConnectedClients, RunContext } from './subject.ts';
import { type CommandOrQuery, drawQuery, type Workload, type WorkloadCall } from './workload.ts';

/** One copy of the data, as histories of clients are compared with it (§8). */
export type ModelOf<C, R, Q, A, State> =
  | Model<State, CommandOrQuery<C, Q>, R | A>
  | Specification<State, CommandOrQuery<C, Q>, R | A>;

/** Each write in doubt doubles what the checker has to try: a client with so many only reads. */
const DOUBTS_MAX = 2;
const LAST_CALLS = 3;
/** The numbers of the clients of the last calls begin here. */
const FIRST_OF_THE_LAST = 100;
const LATENCY_MAX_MS = 2;

const COUNTED_AS = { refused: 'refused', 'given up': 'givenUp', unknown: 'unknown' } as const;

interface Client {
  readonly random: SeededRandom;
  /** Whom it asks next. */
  server: string;
  open: number;
  doubts: number;
}

/** `refused` for good, `given up` after refusals for a while: either was never applied. */
type CallResult<Output> = { readonly output: Output } | 'refused' | 'given up' | 'unknown';

/** A server for whom a call has any of its types: those by command are for callers that name one. */
interface AnyCaller<C, R, Q, A> {
  propose(command: C, options: CallOptions): Promise<Outcome<R>>;
  query(query: Q, options: CallOptions): Promise<Outcome<A>>;
}

export class DirectClients<C, R, Q, A, State> implements ConnectedClients<WorkloadCall<C, Q>> {
  readonly #context: RunContext<C, R, Q, A>;
  readonly #workload: Workload<C, Q>;
  readonly #model: ModelOf<C, R, Q, A, State> | undefined;
  readonly #clients = new Map<number, Client>();
  /** What was definitely not applied is not in it: no client may see its effect. */
  readonly #history: Operation<CommandOrQuery<C, Q>, R | A>[] = [];
  /** A call that throws has a bug. */
  #bug: Error | null = null;
  open = 0;

  constructor(
    context: RunContext<C, R, Q, A>,
    workload: Workload<C, Q>,
    model?: ModelOf<C, R, Q, A, State>,
  ) {
    this.#context = context;
    this.#workload = workload;
    this.#model = model;
  }

  call(call: WorkloadCall<C, Q>): void {
    void this.#call(call);
  }

  lastCalls(): readonly Promise<boolean>[] {
    return Array.from({ length: LAST_CALLS }, (_, at) => {
      const client = FIRST_OF_THE_LAST + at;
      const { random } = this.#client(client);
      const command = () => ({ command: this.#workload.command(() => random.next()) });
      return this.#call({ client, ...(drawQuery(this.#workload, random) ?? command()) });
    });
  }

  check(): void {
    if (this.#bug !== null) throw new BrokenGuarantee('Client Failed', this.#bug.message);
    if (this.#model === undefined) return;
    requireLinearizable(this.#history, this.#model, this.#context.counter);
  }

  /** @returns whether it was answered, be it with a refusal */
  async #call({ client: number, ...input }: WorkloadCall<C, Q>): Promise<boolean> {
    const { cluster, counter } = this.#context;
    const client = this.#client(number);
    const isQuery = 'query' in input;
    const isDoubtful = this.#model !== undefined && client.doubts >= DOUBTS_MAX;
    if (client.open >= this.#context.settings.atOnce || (isDoubtful && !isQuery)) return false;
    const calledAt = cluster.clock.now();
    this.open += 1;
    client.open += 1;
    const result = await this.#ask(client, input as CommandOrQuery<C, Q>).catch((error: Error) => {
      this.#bug ??= error;
      return 'unknown' as const;
    });
    this.open -= 1;
    client.open -= 1;
    const isAnswered = typeof result !== 'string';
    counter.add(isAnswered ? (isQuery ? 'queries' : 'commands') : COUNTED_AS[result]);
    if (result === 'refused') return true;
    if (result === 'given up' || (result === 'unknown' && isQuery)) return false;
    if (!isAnswered) client.doubts += 1;
    const returnedAt = isAnswered ? cluster.clock.now() : null;
    const output = isAnswered ? result.output : null;
    const asked = { client: number, input: input as CommandOrQuery<C, Q> };
    this.#history.push({ ...asked, calledAt, returnedAt, output });
    return isAnswered;
  }

  /** Until it is answered or the time is over; a command that may have been applied only once. */
  async #ask(client: Client, input: CommandOrQuery<C, Q>): Promise<CallResult<R | A>> {
    const { clock } = this.#context.cluster;
    const until = clock.now() + this.#context.settings.deadlineMs;
    while (clock.now() < until) {
      const isQuery = 'query' in input;
      const leftMs = until - clock.now();
      const attemptMs = isQuery ? Math.min(this.#context.settings.attemptMs, leftMs) : leftMs;
      const outcome = this.#isLost(client) ? null : await this.#attempt(client, input, attemptMs);
      if (outcome?.outcome === 'applied' && !this.#isLost(client)) {
        return { output: outcome.result };
      }
      const mayBeApplied = outcome !== null && outcome.outcome !== 'refused';
      if (mayBeApplied && !isQuery) return 'unknown';
      if (outcome?.outcome === 'refused' && !outcome.retry) return 'refused';
      this.#turnElsewhere(client, outcome?.outcome === 'refused' ? outcome.leader : null);
      await this.#wait(
        client.random.between(LATENCY_MAX_MS / 2, this.#context.settings.heartbeatMs),
      );
    }
    return 'given up';
  }

  /** The outcome of a call that is not answered in time is unknown. */
  #attempt(
    { server: id }: Client,
    input: CommandOrQuery<C, Q>,
    timeoutMs: number,
  ): Promise<Outcome<R | A>> {
    const server = this.#context.cluster.at(id) as unknown as AnyCaller<C, R, Q, A>;
    const silence = this.#wait(timeoutMs).then(
      (): Outcome<never> => ({ outcome: 'unknown', reason: 'timed-out' }),
    );
    const answer =
      'query' in input
        ? server.query(input.query, { timeoutMs })
        : server.propose(input.command, { timeoutMs });
    return Promise.race<Outcome<R | A>>([answer, silence]);
  }

  #turnElsewhere(client: Client, leader: string | null): void {
    const { ids } = this.#context.cluster;
    client.server = leader ?? ids[client.random.below(ids.length)] ?? client.server;
  }

  #isLost({ random }: Client): boolean {
    return random.chance(this.#context.isFaulty() ? this.#context.settings.clientLoss : 0);
  }

  #wait(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#context.cluster.clock.setTimeout(resolve, durationMs);
    });
  }

  #client(number: number): Client {
    const known = this.#clients.get(number);
    if (known !== undefined) return known;
    const random = new SeededRandom(`client ${number} of ${this.#context.settings.seed}`);
    const { ids } = this.#context.cluster;
    const server = ids[random.below(ids.length)] ?? '';
    const made: Client = { random, server, open: 0, doubts: 0 };
    this.#clients.set(number, made);
    return made;
  }
}
