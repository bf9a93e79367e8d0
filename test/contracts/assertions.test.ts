/** What the suites assert with, and that they ask for no particular test runner. */
import { describe, expect, it } from 'vitest';
import { assertAlike } from '../../src/testing/assertions.ts';
import {
  checkStorageClause,
  stateMachineContract,
  storageClauses,
  storageContract,
  transportContract,
} from '../../src/testing/index.ts';
import { wrongDisk } from './wrong-disk.ts';
import { machinesWith, NAMELESS } from './wrong-state-machine.ts';
import { WrongNetwork } from './wrong-transport.ts';

class Pair {
  constructor(
    readonly left: unknown,
    readonly right: unknown,
  ) {}
}

describe('alike are', () => {
  it.each<[string, unknown, unknown]>([
    ['a Buffer and its bytes', Buffer.from([1, 2]), new Uint8Array([1, 2])],
    ['bytes in a larger buffer and a copy', new Uint8Array([0, 1]).subarray(1), Buffer.from([1])],
    ['an instance of a class and a literal', new Pair(1, [2]), { left: 1, right: [2] }],
    ['a field that is undefined and none', { a: 1, b: undefined }, { a: 1 }],
    ['the same pairs in a Map', new Map([['a', { b: 1 }]]), new Map([['a', { b: 1 }]])],
  ])('%s', (_name, one, other) => {
    assertAlike(one, other);
    assertAlike(other, one);
  });

  it('objects that hold themselves', () => {
    const [one, other] = [0, 0].map(() => {
      const ring: { next?: unknown } = {};
      ring.next = ring;
      return ring;
    });
    assertAlike(one, other);
  });

  it.each<[string, unknown, unknown]>([
    ['other bytes', new Uint8Array([1, 2]), new Uint8Array([1, 3])],
    ['fewer bytes', new Uint8Array([1, 2]), new Uint8Array([1])],
    ['a number and its text', { a: 1 }, { a: '1' }],
    ['null and undefined', { a: null }, { a: undefined }],
    ['one element more', [1, 2], [1]],
    ['undefined in a list and nothing', [undefined], []],
    ['another order', [1, 2], [2, 1]],
    ['a field more', { a: 1, b: 2 }, { a: 1 }],
    ['zeros of two signs', 0, -0],
    ['another pair in a Map', new Map([['a', 1]]), new Map([['a', 2]])],
    ['other dates', new Date(1), new Date(2)],
    ['a list and an object with its keys', ['a'], { 0: 'a' }],
  ])('but not %s', (_name, one, other) => {
    expect(() => assertAlike(one, other)).toThrow(
      expect.objectContaining({ name: 'AssertionError' }),
    );
    expect(() => assertAlike(other, one)).toThrow(
      expect.objectContaining({ name: 'AssertionError' }),
    );
  });
});

describe('a runner of tests', () => {
  it('is asked for the functions describe and it, and for nothing else', async () => {
    const titles: string[] = [];
    const bodies: (() => Promise<void>)[] = [];
    const runner = {
      describe(name: string, body: () => void) {
        titles.push(name);
        body();
      },
      it(_name: string, body: () => Promise<void>) {
        bodies.push(body);
      },
    };
    storageContract(runner, 'one', () => wrongDisk('none'));
    transportContract(runner, 'two', async () => new WrongNetwork('none'));
    stateMachineContract(runner, 'three', machinesWith('none'), {
      command: () => ({ name: 'a', bytes: new Uint8Array([1]) }),
      failing: () => NAMELESS,
      queries: () => ['a'],
    });
    expect(titles).toEqual([
      'the storage contract: one',
      'the transport contract: two',
      'the state machine contract: three',
    ]);
    expect(bodies.length).toBeGreaterThan(storageClauses.length);
    for (const body of bodies) await body();
  });

  it('is told by an AssertionError, with what was expected, also amid any sequence', async () => {
    const makeDisk = () => wrongDisk('forgets the vote');
    for (const name of ['a write is durable when it resolves', 'is kept (seed 0)']) {
      const clause = storageClauses.find((candidate) => candidate.name.endsWith(name));
      const told = checkStorageClause(clause!, makeDisk);
      await expect(told).rejects.toMatchObject({
        name: 'AssertionError',
        actual: { votedFor: null },
        expected: { votedFor: expect.any(String) },
      });
    }
  });
});
