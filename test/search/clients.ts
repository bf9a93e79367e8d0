/**
 * The clients of a searched history: the real client, one session each, on the virtual clock. They
 * keep what they asked and what they were told, for the checker.
 */
import { type Client, type ClientOutcome, connect } from '../../src/client/index.ts';
import { SeededRandom } from '../../src/simulation/index.ts';
import { BrokenGuarantee, requireLinearizable } from '../../src/simulation/search/guarantees.ts';
import type { ConnectedClients } from '../../src/simulation/search/subject.ts';
import { KEYS, type KeyValueCall } from './calls.ts';
import type { CallRecord, Input, Output } from './model.ts';
import { keyValueModel, Revisions, written } from './model.ts';
import { type Context, endpointOf, servicePort } from './service-port.ts';

/** Then a client only reads: each more doubles what the checker has to try. */
const DOUBTS_MAX = 2;
const PATIENCES = 4;
/** Clients of the last reads: nobody else is called like them. */
const FIRST_READER = 100;

const decoder = new TextDecoder();

export class KeyValueClients implements ConnectedClients<KeyValueCall> {
  readonly #revisions = new Revisions();
  readonly #history: CallRecord[] = [];
  readonly #clients = new Map<number, OneClient>();
  readonly #context: Context;
  #open = 0;
  /** A client that throws has a bug. */
  #bug: Error | null = null;

  constructor(context: Context) {
    this.#context = context;
  }

  /** Calls that have not settled. */
  get open(): number {
    return this.#open;
  }

  call(call: KeyValueCall): void {
    void this.#ask(call);
  }

  /** Reads of everything. */
  lastCalls(): readonly Promise<boolean>[] {
    return KEYS.map((key, at) =>
      this.#ask({ kind: 'get', client: FIRST_READER + at, key, token: `last ${key}` }),
    );
  }

  check(): void {
    if (this.#bug !== null) throw new BrokenGuarantee('Client Failed', this.#bug.message);
    const [contradiction] = this.#revisions.contradictions;
    if (contradiction !== undefined) throw new BrokenGuarantee('Exactly Once', contradiction);
    requireLinearizable(this.#history, keyValueModel(this.#revisions), this.#context.counter);
  }

  /**
   * Makes the call; what becomes of it is in the history, unless it was definitely not applied:
   * nobody may ever see that.
   * @returns whether it was answered
   */
  async #ask({ kind, client: number, key, token }: KeyValueCall): Promise<boolean> {
    const { cluster, counter } = this.#context;
    const client = this.#client(number);
    if (client.open >= this.#context.settings.atOnce) return false;
    if (client.doubts >= DOUBTS_MAX && kind !== 'get') return false;
    const calledAt = cluster.clock.now();
    const input: Input = { kind, key, token, expected: client.seen.get(key) ?? 0 };
    this.#open += 1;
    client.open += 1;
    const told = await client.perform(input, this.#revisions).catch((error: Error) => {
      this.#bug ??= error;
      return 'unknown' as const;
    });
    this.#open -= 1;
    client.open -= 1;
    if (told === 'refused') return false;
    if (told === 'unknown') {
      counter.add('unknown');
      if (input.kind === 'get') return false;
      client.doubts += 1;
      const asked = { client: `${number}`, input, calledAt };
      this.#history.push({ ...asked, returnedAt: null, output: null });
      return false;
    }
    counter.add(COUNTED_AS[input.kind]);
    if (told.output === false && input.kind === 'swap') counter.add('swapsRefused');
    const returnedAt = cluster.clock.now();
    const { output } = told;
    this.#history.push({ client: `${number}`, input, calledAt, returnedAt, output });
    return true;
  }

  #client(number: number): OneClient {
    const known = this.#clients.get(number);
    if (known !== undefined) return known;
    const made = new OneClient(number, this.#context);
    this.#clients.set(number, made);
    return made;
  }
}

const COUNTED_AS = {
  get: 'reads',
  put: 'puts',
  append: 'appends',
  swap: 'swaps',
  delete: 'puts',
} as const;

type Told = { readonly output: Output } | 'refused' | 'unknown';

class OneClient {
  /** Calls that have not settled. */
  open = 0;
  /** Writes of which nobody knows what became. */
  doubts = 0;
  /** The last revision it saw of each key. */
  readonly seen = new Map<string, number>();
  readonly #client: Client;

  constructor(number: number, { settings, cluster, counter, isFaulty }: Context) {
    const random = new SeededRandom(`client ${number} of ${settings.seed}`);
    this.#client = connect({
      endpoints: cluster.ids.map(endpointOf),
      timeoutMs: settings.deadlineMs,
      // Some clients are more patient than others.
      attemptTimeoutMs: settings.attemptMs * (1 + (number % PATIENCES)),
      clock: cluster.clock,
      random,
      http: servicePort({
        cluster,
        counter,
        random: random.fork('network'),
        loss: () => (isFaulty() ? settings.clientLoss : 0),
        callTimeoutMs: settings.deadlineMs,
      }),
    });
  }

  async perform({ kind, key, token, expected }: Input, revisions: Revisions): Promise<Told> {
    const client = this.#client;
    const value = written(token);
    const noteWrite = ({ revision }: { readonly revision: number }) => {
      this.seen.set(key, revision);
      revisions.note(value, revision);
    };
    switch (kind) {
      case 'get':
        return told(await client.get(key), (found) => {
          if (found === null) this.seen.delete(key);
          else this.seen.set(key, found.revision);
          const text = found === null ? null : decoder.decode(found.value);
          if (found !== null && text !== null) revisions.noteValue(text, found.revision);
          return text;
        });
      case 'put':
        return told(await client.put(key, value), (result) => {
          noteWrite(result);
          return null;
        });
      case 'append':
        return told(await client.append(key, value), (result) => {
          noteWrite(result);
          return result.length;
        });
      case 'delete':
        return told(await client.delete(key), ({ found }) => {
          this.seen.delete(key);
          return found;
        });
      case 'swap': {
        const condition = expected === 0 ? { ifAbsent: true as const } : { ifRevision: expected };
        const outcome = await client.put(key, value, condition);
        if (outcome.outcome === 'refused' && outcome.reason === 'condition-failed') {
          return { output: false };
        }
        return told(outcome, (result) => {
          noteWrite(result);
          return true;
        });
      }
    }
  }
}

function told<Result>(outcome: ClientOutcome<Result>, outputOf: (result: Result) => Output): Told {
  if (outcome.outcome === 'applied') return { output: outputOf(outcome.result) };
  return outcome.outcome;
}
