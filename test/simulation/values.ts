/** Values of every kind, by their names: no two of them are the same, though many are alike as JSON. */

class Point {
  readonly x: number;

  constructor(x: number) {
    this.x = x;
  }
}

class Closed {
  readonly #held: number;

  constructor(held: number) {
    this.#held = held;
  }

  get held(): number {
    return this.#held;
  }
}

function cyclic(name: string): object {
  const value: { readonly name: string; self?: object } = { name };
  value.self = value;
  return value;
}

let read = 0;
const counting = {
  get value(): number {
    read += 1;
    return read;
  },
};

const shared = { x: 1 };

/** What can be compared by what it holds. */
export const OPEN: Readonly<Record<string, unknown>> = {
  null: null,
  undefined: undefined,
  NaN: Number.NaN,
  Infinity: Number.POSITIVE_INFINITY,
  zero: 0,
  'minus zero': -0,
  'zero as text': '0',
  'zero as BigInt': 0n,
  'seven as BigInt': 7n,
  'BigInt as text': '7n',
  false: false,
  'nothing in a list': [null],
  'NaN in a list': [Number.NaN],
  'no object': {},
  'no list': [],
  'no Map': new Map(),
  'a Map': new Map([['x', 1]]),
  'another Map': new Map([['x', 2]]),
  'a Map of Maps': new Map([[new Map([[1n, -0]]), new Set([Number.NaN])]]),
  'no Set': new Set(),
  'a Set': new Set([1]),
  'another Set': new Set(['1']),
  'a date': new Date(7),
  'the date as text': new Date(7).toJSON(),
  'no date': new Date(Number.NaN),
  bytes: Uint8Array.of(1, 2),
  'signed bytes': Int8Array.of(1, 2),
  'bytes as a list': [1, 2],
  'bytes as an object': { 0: 1, 1: 2 },
  buffer: Uint8Array.of(1, 2).buffer,
  doubles: Float64Array.of(-0, Number.NaN),
  'other doubles': Float64Array.of(0, Number.NaN),
  'an object': { x: 1 },
  'a pair of two': [{ x: 1 }, { x: 2 }],
  'a cycle': cyclic('one'),
  'another cycle': cyclic('two'),
  'an error': new Error('one'),
  'another error': new Error('two'),
};

/** What cannot be looked into, or differs in nothing that is told to others. */
export const CLOSED: Readonly<Record<string, unknown>> = {
  'an undefined property': { y: undefined },
  'a hole': new Array(1),
  'a pair of one': [shared, shared],
  'a pair of copies': [{ x: 1 }, { x: 1 }],
  'the other way round': { b: 1, a: 2 },
  'this way round': { a: 2, b: 1 },
  'an instance': new Point(1),
  'another instance': new Point(2),
  'a closed instance': new Closed(1),
  'another closed instance': new Closed(2),
  'a getter': counting,
  'a function': () => 1,
  'another function': () => 2,
  'a symbol': Symbol('one'),
  'its likeness': Symbol('one'),
  'a Map with more': Object.assign(new Map(), { more: 1 }),
  'no prototype': Object.create(null),
  'a RegExp': /a/,
  'another RegExp': /b/,
  'a WeakMap': new WeakMap(),
};
