/** Histories that a single copy of the data gave, under clients that overlap and lose answers. */
import { encodeText, keyValue, type Observed, type ObservedInput } from '../../src/kv/index.ts';
import { type Operation, SeededRandom } from '../../src/simulation/index.ts';

export interface LongHistory {
  readonly operations: number;
  readonly clients: number;
  readonly keys: number;
  readonly seed: number;
  /** What is not one of these is a get. */
  readonly chances: { readonly append: number; readonly put: number; readonly delete: number };
  /** Of a write: that its answer is lost. Every other one of them took effect. */
  readonly lost: number;
  /** Neither revisions nor lengths, nor whether a delete found anything. */
  readonly tellsLittle?: boolean;
}

type Told = Operation<ObservedInput, Observed>;

export function longHistory(options: LongHistory): Told[] {
  const random = new SeededRandom(options.seed);
  const store = keyValue();
  return moments(options, random).map(({ client, calledAt, returnedAt }, at): Told => {
    const input = inputAt(at, options, random);
    const isLost = input.type !== 'get' && random.next() < options.lost;
    const entry = { index: at + 1, term: 1, time: 0 };
    if (isLost && random.next() < 0.5) store.apply(input, entry);
    if (isLost) return { client, input, calledAt, returnedAt: null, output: null };
    const output = input.type === 'get' ? store.query(input) : store.apply(input, entry);
    const told = output as Observed;
    return {
      client,
      input,
      calledAt,
      returnedAt,
      output: options.tellsLittle ? little(told) : told,
    };
  });
}

/** Each client one call after the other; in the order in which they take effect. */
function moments({ operations, clients }: LongHistory, random: SeededRandom) {
  const freeAt = Array.from({ length: clients }, () => random.next() * 10);
  const calls = Array.from({ length: operations }, () => {
    const calledAt = Math.min(...freeAt);
    const client = freeAt.indexOf(calledAt);
    const effectAt = calledAt + random.next() * 10;
    const returnedAt = effectAt + random.next() * 10;
    freeAt[client] = returnedAt + random.next() * 2;
    return { client, calledAt, effectAt, returnedAt };
  });
  return calls.sort((a, b) => a.effectAt - b.effectAt);
}

function inputAt(at: number, { keys, chances }: LongHistory, random: SeededRandom): ObservedInput {
  const key = `key-${Math.floor(random.next() * keys)}`;
  const value = encodeText(`${at};`);
  const chance = random.next();
  if (chance < chances.append) return { type: 'append', key, value };
  if (chance < chances.append + chances.put) return { type: 'put', key, value };
  if (chance < chances.append + chances.put + chances.delete) return { type: 'delete', key };
  return { type: 'get', key };
}

function little(told: Observed): Observed {
  if (told.type === 'found') return { type: 'found', value: told.value };
  return told.type === 'not-found' ? told : ({ type: told.type } as Observed);
}
