/**
 * What clients did and were told, and whether the final state can explain it: an acknowledged write
 * is there, one in doubt at most once, an append under a session exactly once and in order.
 */
import type { Client } from '#client/connect';

export type Told = 'applied' | 'refused' | 'unknown';

export interface Operation {
  readonly client: number;
  readonly kind: 'put' | 'append';
  readonly key: string;
  /** Different for every operation. */
  readonly token: string;
  readonly told: Told;
}

/** The final value of every key that was touched; missing when there is none. */
export type FinalState = ReadonlyMap<string, string>;

/** Every contradiction as a sentence; none when the history is explained. */
export function contradictions(history: readonly Operation[], final: FinalState): string[] {
  return [
    ...history.filter(({ kind }) => kind === 'put').flatMap((put) => ofPut(put, final)),
    ...keysAppended(history).flatMap((key) => ofAppends(key, history, final.get(key) ?? '')),
  ];
}

/** Each put has a key of its own, so nothing overwrites it. */
function ofPut({ client, key, token, told }: Operation, final: FinalState): string[] {
  const value = final.get(key);
  const who = `client ${client} put ${key} = ${token}`;
  if (told === 'applied' && value !== token) {
    return [
      `${who} and was told that it was applied, and the final value is ${value ?? 'missing'}`,
    ];
  }
  if (told === 'refused' && value !== undefined) {
    return [`${who} and was told that it never will be applied, and the final value is ${value}`];
  }
  return value === undefined || value === token ? [] : [`${who}, and the final value is ${value}`];
}

function keysAppended(history: readonly Operation[]): readonly string[] {
  return [...new Set(history.filter(({ kind }) => kind === 'append').map(({ key }) => key))];
}

/** Each client appends to a key of its own, one token after the other. */
function ofAppends(key: string, history: readonly Operation[], value: string): string[] {
  const found = value.split(' ').filter((token) => token !== '');
  const appends = history.filter((operation) => operation.key === key);
  const counts = appends.flatMap(({ client, token, told }) => {
    const times = found.filter((each) => each === token).length;
    const who = `client ${client} appended ${token} to ${key}`;
    if (told === 'applied' && times !== 1)
      return [`${who}, was told once, and it is there ${times} times`];
    if (told === 'unknown' && times > 1)
      return [`${who} without an answer, and it is there ${times} times`];
    if (told === 'refused' && times > 0)
      return [`${who}, was refused, and it is there ${times} times`];
    return [];
  });
  const known = appends.map(({ token }) => token);
  const strangers = found
    .filter((token) => !known.includes(token))
    .map((token) => `nobody appended ${token} to ${key}, and it is there`);
  const places = found.map((token) => known.indexOf(token));
  const isInOrder = places.every((place, i) => i === 0 || place > (places[i - 1] ?? -1));
  return [
    ...counts,
    ...strangers,
    ...(isInOrder ? [] : [`the appends to ${key} are out of order: ${value}`]),
  ];
}

/** Clients that put and append until they are told to stop, and write down what they were told. */
export class Workload {
  readonly history: Operation[] = [];
  readonly #clients: readonly Client[];
  readonly #timeoutMs: number;
  #isOver = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(clients: readonly Client[], timeoutMs = 10_000) {
    this.#clients = clients;
    this.#timeoutMs = timeoutMs;
  }

  get acknowledged(): number {
    return this.history.filter(({ told }) => told === 'applied').length;
  }

  start(): void {
    this.#running = Promise.all(this.#clients.map((client, place) => this.#work(client, place)));
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await this.#running;
  }

  /** Resolves when so many more writes have been acknowledged. */
  async progressed(count: number): Promise<void> {
    const wanted = this.acknowledged + count;
    while (this.acknowledged < wanted) await new Promise((done) => setTimeout(done, 5));
  }

  async #work(client: Client, place: number): Promise<void> {
    for (let n = 1; !this.#isOver; n += 1) {
      const token = `${place}.${n}`;
      const isPut = n % 2 === 0;
      const key = isPut ? `put/${token}` : `appends/${place}`;
      const options = { timeoutMs: this.#timeoutMs };
      const { outcome: told } = isPut
        ? await client.put(key, token, options)
        : await client.append(key, `${token} `, options);
      this.history.push({ client: place, kind: isPut ? 'put' : 'append', key, token, told });
    }
  }
}

/** Reads every key, linearizably, as it stands now. */
export async function finalState(client: Client): Promise<FinalState> {
  const final = new Map<string, string>();
  let after: string | null = null;
  do {
    const page: Awaited<ReturnType<Client['list']>> = await client.list({
      limit: 1_000,
      values: true,
      ...(after === null ? {} : { after }),
    });
    if (page.outcome !== 'applied')
      throw new Error(`the final state could not be read: ${page.outcome}`);
    for (const { key, value } of page.result.items) {
      final.set(key, new TextDecoder().decode(value ?? new Uint8Array()));
    }
    after = page.result.next;
  } while (after !== null);
  return final;
}
