/**
 * How valid input is bent for fuzzing, and how much of it: `STATECRAFT_FUZZ_TIMES=100` runs a
 * hundred times as much, `STATECRAFT_FUZZ_SEED` other cases. The same two give the same cases.
 */
import fc from 'fast-check';

const times = Number(process.env.STATECRAFT_FUZZ_TIMES ?? 1);
const seed = Number(process.env.STATECRAFT_FUZZ_SEED ?? 1);

/** Parameters for `fc.assert`. */
export function runs(usually: number): { readonly numRuns: number; readonly seed: number } {
  return { numRuns: usually * times, seed };
}

type Fields = Readonly<Record<string, unknown>>;

/** What stands where something else belongs. */
const HOSTILE: readonly unknown[] = [
  -1,
  -(2 ** 53),
  0,
  0.5,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  2 ** 53,
  2 ** 63,
  1n << 63n,
  true,
  null,
  '',
  '__proto__',
  '../../etc/passwd',
  'x'.repeat(1_000),
  [],
  [[[[]]]],
  {},
  { constructor: 1 },
  new Uint8Array(3),
  new Date(0),
];

const hostile = fc.constantFrom(...HOSTILE);
const place = fc.nat({ max: 1_000 });

type Bend = (fields: Fields) => Fields;

/** Fields as they are, for the most part; or one of them wrong, missing, out of order or too much. */
export const anyBend: fc.Arbitrary<Bend> = fc.oneof(
  { weight: 12, arbitrary: fc.constant((fields: Fields) => fields) },
  { weight: 4, arbitrary: fc.tuple(place, hostile).map(([at, value]) => replacing(at, value)) },
  { weight: 1, arbitrary: place.map((at) => replacing(at, undefined)) },
  { weight: 2, arbitrary: fc.tuple(place, hostile).map(([at, value]) => inside(at, value)) },
  { weight: 2, arbitrary: fc.tuple(place, place).map(([at, by]) => disordering(at, by)) },
  {
    weight: 4,
    arbitrary: fc.tuple(place, fc.constantFrom(-1, 1)).map(([at, by]) => nudging(at, by)),
  },
  { weight: 2, arbitrary: fc.tuple(place, place).map(([at, by]) => exchanging(at, by)) },
  { weight: 1, arbitrary: hostile.map((value) => adding('fromTheFuture', value)) },
  { weight: 1, arbitrary: hostile.map((value) => adding('__proto__', value)) },
);

function replacing(at: number, value: unknown): Bend {
  return (fields) => {
    const names = Object.keys(fields);
    return { ...fields, [names[at % names.length] as string]: value };
  };
}

/** An own field, whatever its name means to an object. */
function adding(name: string, value: unknown): Bend {
  return (fields) =>
    Object.defineProperty({ ...fields }, name, { value, enumerable: true, configurable: true });
}

/** One of its numbers or truths, wherever it stands, a little different: no longer what fits. */
function nudging(at: number, by: number): Bend {
  return (fields) => {
    let left = at % Math.max(1, nudgeable(fields));
    const nudged = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(nudged);
      if (isNested(value)) {
        return Object.fromEntries(Object.entries(value as Fields).map(([k, v]) => [k, nudged(v)]));
      }
      if (typeof value !== 'number' && typeof value !== 'boolean') return value;
      left -= 1;
      if (left !== -1) return value;
      return typeof value === 'number' ? value + by : !value;
    };
    return nudged(fields) as Fields;
  };
}

/** Two of its numbers, each in the other's place. */
function exchanging(at: number, by: number): Bend {
  return (fields) => {
    const names = Object.keys(fields).filter((name) => typeof fields[name] === 'number');
    const [one, other] = [names[at % names.length], names[by % names.length]];
    if (one === undefined || other === undefined) return fields;
    return { ...fields, [one]: fields[other], [other]: fields[one] };
  };
}

function nudgeable(value: unknown): number {
  if (typeof value === 'number' || typeof value === 'boolean') return 1;
  if (!isNested(value)) return 0;
  return Object.values(value as Fields).reduce((sum: number, one) => sum + nudgeable(one), 0);
}

/** In a list or a map among the fields, if there is one. */
function inside(at: number, value: unknown): Bend {
  return (fields) => {
    const names = Object.keys(fields).filter((key) => isNested(fields[key]));
    const name = names[at % names.length];
    const nested = name === undefined ? undefined : fields[name];
    if (name === undefined) return fields;
    if (!Array.isArray(nested))
      return { ...fields, [name]: replacing(at, value)(nested as Fields) };
    const list = nested[at % nested.length];
    const bent = Array.isArray(list) ? list.with(at % list.length, value) : value;
    return { ...fields, [name]: nested.with(at % nested.length, bent) };
  };
}

/** Entries that do not follow each other: a gap, a repetition, the wrong way round. */
function disordering(at: number, by: number): Bend {
  return (fields) => {
    const { entries } = fields;
    if (!Array.isArray(entries) || entries.length === 0) return fields;
    const here = at % entries.length;
    if (by % 3 === 0) return { ...fields, entries: entries.toSpliced(here, 1) };
    if (by % 3 === 1) return { ...fields, entries: entries.toSpliced(here, 0, entries[here]) };
    return { ...fields, entries: entries.toReversed() };
  };
}

function isNested(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return (
    typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype
  );
}

type BytesBend = (bytes: Uint8Array) => Uint8Array;

/** MessagePack headers that promise four thousand million items, keys or bytes. */
const PROMISES = [0xdd, 0xdf, 0xdb, 0xc6].map((kind) => [kind, 255, 255, 255, 255]);

/** Bytes as they are, for the most part; or cut off, flipped, spliced or with more behind them. */
export const anyBytesBend: fc.Arbitrary<BytesBend> = fc.oneof(
  { weight: 12, arbitrary: fc.constant((bytes: Uint8Array) => bytes) },
  {
    weight: 1,
    arbitrary: place.map((at) => (bytes: Uint8Array) => bytes.slice(0, at % bytes.byteLength)),
  },
  { weight: 2, arbitrary: fc.array(place, { minLength: 1, maxLength: 3 }).map(flipping) },
  { weight: 1, arbitrary: fc.tuple(place, fc.uint8Array({ maxLength: 40 })).map(splicing) },
  { weight: 1, arbitrary: fc.tuple(place, fc.constantFrom(...PROMISES)).map(splicing) },
  {
    weight: 1,
    arbitrary: fc
      .uint8Array({ minLength: 1, maxLength: 40 })
      .map((more) => (bytes: Uint8Array) => Uint8Array.from([...bytes, ...more])),
  },
  {
    weight: 1,
    arbitrary: fc
      .uint8Array({ maxLength: 200 })
      .map((random) => (_: Uint8Array) => Uint8Array.from(random)),
  },
);

function flipping(places: readonly number[]): BytesBend {
  return (bytes) => {
    const copy = bytes.slice();
    for (const at of places) {
      const byte = Math.floor(at / 8) % copy.byteLength;
      copy[byte] = (copy[byte] ?? 0) ^ (1 << (at % 8));
    }
    return copy;
  };
}

function splicing([at, put]: readonly [number, ArrayLike<number>]): BytesBend {
  return (bytes) => {
    const here = at % (bytes.byteLength + 1);
    const rest = bytes.subarray(Math.min(bytes.byteLength, here + put.length));
    return Uint8Array.from([...bytes.subarray(0, here), ...Array.from(put), ...rest]);
  };
}

/** What came of the cases, to see that a good part of them passes and a good part does not. */
export class Tally {
  readonly #counts = new Map<string, number>();
  #all = 0;

  note(outcome: string): void {
    this.#all += 1;
    this.#counts.set(outcome, (this.#counts.get(outcome) ?? 0) + 1);
  }

  share(outcome: string): number {
    return (this.#counts.get(outcome) ?? 0) / this.#all;
  }
}

/** Bytes that are allocated just now: the difference is what something cost, less what was freed. */
export function allocated(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}
