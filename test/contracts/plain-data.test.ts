/** The default codec: what it takes comes back equal, what would not is refused with its path. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plainData } from '../../src/formats/plain-data.ts';

const codec = plainData<unknown>();
const roundTrip = (value: unknown) => codec.decode(codec.encode(value));

class Point {
  x = 1;
}

describe('plain data', () => {
  test.each([
    ['nothing at all', undefined],
    ['null', null],
    ['numbers', [0, 1, -1, 127, 128, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 0.1, 1e300, -1.5]],
    ['what is no number', [Number.NaN, Infinity, -Infinity]],
    ['bigints of 64 bits', [0n, -1n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 63n)]],
    ['text of any script', ['', 'ä', '日本', '\u{1f600}', '\0', 'a'.repeat(70_000)]],
    ['bytes', { bytes: new Uint8Array([0, 255]), none: new Uint8Array(0) }],
    ['odd keys', { '': 1, '0': 2, constructor: 3, toString: 4, 'a b': 5 }],
    ['lists in objects in lists', [{ a: [{ b: [] }, {}] }]],
    ['the same object twice', ((shared) => [shared, shared])({ a: 1 })],
  ])('comes back as it was: %s', (_, value) => {
    expect(roundTrip(value)).toStrictEqual(value);
  });

  test('comes back as it was, whatever it is, or is refused', () => {
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      withNullPrototype: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        let bytes: Uint8Array;
        try {
          bytes = codec.encode(value);
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return;
        }
        expect(codec.decode(bytes)).toEqual(value);
      }),
      { numRuns: 2_000 },
    );
  });

  test('comes back as fresh objects: nothing is shared with the bytes or with another decoding', () => {
    const bytes = codec.encode({ list: [new Uint8Array([1, 2])] });
    const first = codec.decode(bytes) as { list: Uint8Array[] };
    bytes.fill(0);
    expect(first.list[0]).toEqual(new Uint8Array([1, 2]));
    expect(first.list[0]?.buffer).not.toBe(bytes.buffer);
  });

  test('gives plain bytes for a Buffer', () => {
    const back = roundTrip({ bytes: Buffer.from('ab') }) as { bytes: Uint8Array };
    expect(back.bytes.constructor).toBe(Uint8Array);
    expect(codec.encode('a').constructor).toBe(Uint8Array);
  });
});

describe('what would not survive is refused with its path', () => {
  const cyclic: unknown[] = [];
  cyclic.push({ again: cyclic });
  const deep = Array.from({ length: 101 }).reduce((inner: unknown) => [inner], 1);
  test.each([
    [{ items: [0, 1, { when: new Date(0) }] }, /^command\.items\[2\]\.when is a Date: /],
    [new Map(), /^command is a Map: /],
    [[new Set()], /^command\[0\] is a Set: /],
    [new Point(), /^command is a Point: /],
    [{ a: undefined }, /^command\.a is undefined: /],
    [[undefined], /^command\[0\] is undefined: /],
    [{ f: () => 1 }, /^command\.f is a function: /],
    [Symbol('s'), /^command is a symbol: /],
    [{ 'a b': -0 }, /^command\["a b"\] is -0/],
    ['\ud800', /^command holds half a surrogate pair/],
    [{ '\udc00': 1 }, /half a surrogate pair/],
    [2n ** 64n, /more than 64 bits/],
    [-(2n ** 63n) - 1n, /more than 64 bits/],
    [new Float64Array(1), /^command is a Float64Array: /],
    [new ArrayBuffer(1), /^command is an ArrayBuffer: /],
    [/x/, /^command is a RegExp: /],
    [new Error('e'), /^command is an Error: /],
    [Object(1), /^command is a Number: /],
    // biome-ignore lint/suspicious/noSparseArray: a hole is what is meant.
    [[1, , 2], /holes/],
    [Object.assign([1], { more: 1 }), /properties of its own/],
    [{ [Symbol('s')]: 1 }, /symbols or hidden properties/],
    [Object.defineProperty({}, 'hidden', { value: 1 }), /symbols or hidden properties/],
    [JSON.parse('{"__proto__": 1}'), /^command\.__proto__ has a key/],
    [cyclic, /^command\[0\]\.again contains itself: /],
    [deep, /deeper than 100 levels/],
  ])('%#', (value, message) => {
    expect(() => codec.encode(value)).toThrow(message);
    expect(() => codec.encode(value)).toThrow(TypeError);
  });

  test('under the name it was given', () => {
    expect(() => plainData('result').encode(new Date())).toThrow(/^result is a Date/);
  });
});
