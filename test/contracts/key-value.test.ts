/** The key/value state machine: the published contract, a plain model beside it, and its corners. */
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  encodeText,
  type Found,
  type KeyValueCommand,
  type KeyValueResult,
  keyValue,
  type Page,
} from '../../src/kv/index.ts';
import { isKey } from '../../src/kv/keys.ts';
import { stateMachineContract } from '../../src/testing/state-machine-contract.ts';

const keys = ['a', 'a/b', 'ä', '\uffee', '\u{1f600}', '\ue000', 'z', '\ufeffmark', 'a\u0000'];

function at<Item>(items: readonly Item[], chance: number): Item {
  return items[Math.floor(chance * items.length)] as Item;
}

const conditions = [{}, {}, {}, { ifExists: true }, { ifAbsent: true }, { ifRevision: 7 }] as const;

stateMachineContract({ describe, it }, 'keys and values', keyValue, {
  command(next): KeyValueCommand {
    const [key, condition] = [at(keys, next()), at(conditions, next())];
    const type = at(['put', 'put', 'append', 'delete'] as const, next());
    if (type === 'delete') return { type, key, ...condition };
    const length = next() < 0.02 ? 20_000 : Math.floor(next() * 300);
    return { type, key, value: new Uint8Array(length).fill(next() * 256), ...condition };
  },
  queries: () => [
    ...keys.map((key) => ({ type: 'get', key }) as const),
    { type: 'list', limit: 1_000 } as const,
    { type: 'list', limit: 3, prefix: 'a', values: true } as const,
  ],
});

const entry = (index: number) => ({ index, term: 1, time: 0 });
const key = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...keys) },
  fc.string({ unit: 'binary', minLength: 1, maxLength: 4 }).filter((text) => isKey(text)),
);
const value = fc.uint8Array({ maxLength: 40 });
const condition = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  fc.record({ ifRevision: fc.nat(12) }),
  fc.constant({ ifExists: true } as const),
  fc.constant({ ifAbsent: true } as const),
);
const command: fc.Arbitrary<KeyValueCommand> = fc.oneof(
  fc.tuple(fc.constantFrom('put', 'append'), key, value, condition).map(([type, k, v, c]) => ({
    type: type as 'put',
    key: k,
    value: v,
    ...c,
  })),
  fc.tuple(key, condition).map(([k, c]) => ({ type: 'delete' as const, key: k, ...c })),
);

interface Model {
  readonly value: Uint8Array;
  readonly revision: number;
}

/** The same in the plainest way there is. */
function applyToModel(model: Map<string, Model>, given: KeyValueCommand, index: number) {
  const present = model.get(given.key);
  const { ifRevision, ifExists, ifAbsent } = given;
  const fails =
    (ifRevision !== undefined && present?.revision !== ifRevision) ||
    (ifExists && !present) ||
    (ifAbsent && present);
  if (fails) return { type: 'condition-failed', revision: present?.revision ?? 0 };
  if (given.type === 'delete') return { type: 'deleted', found: model.delete(given.key) };
  const before = given.type === 'append' ? [...(present?.value ?? [])] : [];
  const after = Uint8Array.from([...before, ...(given.value as Uint8Array)]);
  model.set(given.key, { value: after, revision: index });
  return { type: 'written', revision: index, length: after.byteLength };
}

const byBytes = (a: string, b: string) => Buffer.compare(Buffer.from(a), Buffer.from(b));

function allPages(list: (after: string) => Page): Page['items'][number][] {
  const items: Page['items'][number][] = [];
  let after = '';
  for (;;) {
    const page = list(after);
    items.push(...page.items);
    if (page.next === null) return items;
    after = page.next;
  }
}

describe('keys and values beside a plain model', () => {
  test('results, values and pages are those of a map sorted by key bytes', () => {
    fc.assert(
      fc.property(
        fc.array(command, { maxLength: 60, size: 'max' }),
        key,
        fc.integer({ min: 1, max: 4 }),
        (commands, prefix, limit) => {
          const machine = keyValue();
          const model = new Map<string, Model>();
          for (const [number, given] of commands.entries()) {
            const result = machine.apply(given, entry(number + 1));
            expect(result).toEqual(applyToModel(model, given, number + 1));
          }
          const wanted = [...model.keys()].sort(byBytes);
          const listed = (within: string) =>
            allPages(
              (after) => machine.query({ type: 'list', prefix: within, after, limit }) as Page,
            );
          expect(listed('').map((item) => item.key)).toEqual(wanted);
          expect(listed(prefix).map((item) => item.key)).toEqual(
            wanted.filter((name) => name.startsWith(prefix)),
          );
          for (const [name, pair] of model) {
            expect(machine.query({ type: 'get', key: name })).toEqual({ type: 'found', ...pair });
          }
        },
      ),
    );
  });

  test('digests are equal exactly when states are', () => {
    fc.assert(
      fc.property(
        fc.array(command, { maxLength: 12 }),
        fc.array(command, { maxLength: 12 }),
        fc.boolean(),
        (left, right, isAskedEarly) => {
          const [one, other] = [keyValue(), keyValue()];
          if (isAskedEarly) one.digest();
          for (const [number, given] of left.entries()) one.apply(given, entry(number + 1));
          for (const [number, given] of right.entries()) other.apply(given, entry(number + 1));
          const stateOf = (machine: typeof one) =>
            machine.query({ type: 'list', limit: 1_000, values: true });
          const areEqual = JSON.stringify(stateOf(one)) === JSON.stringify(stateOf(other));
          expect(one.digest() === other.digest()).toBe(areEqual);
        },
      ),
    );
  });

  test('the same pairs have the same digest, in whatever order they were written', () => {
    const [one, other] = [keyValue(), keyValue()];
    one.apply({ type: 'put', key: 'a', value: '1' }, entry(1));
    one.apply({ type: 'put', key: 'b', value: '2' }, entry(2));
    other.apply({ type: 'put', key: 'b', value: '2' }, entry(2));
    other.digest();
    other.apply({ type: 'put', key: 'c', value: '3' }, entry(3));
    other.apply({ type: 'put', key: 'a', value: '1' }, entry(1));
    other.apply({ type: 'delete', key: 'c' }, entry(4));
    expect(other.digest()).toBe(one.digest());
  });

  test('a thousand pairs, cloned and written again and again, stay what they were', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(999), { minLength: 400, maxLength: 800 }), async (order) => {
        const machine = keyValue();
        for (let number = 0; number < 1_000; number += 1) {
          machine.apply({ type: 'put', key: `k${number}`, value: 'first' }, entry(number + 1));
        }
        const snapshots = [];
        for (const [step, number] of order.entries()) {
          if (step % 100 === 0)
            snapshots.push({ taken: machine.snapshot(), digest: digestOf(machine) });
          const type = step % 3 === 0 ? 'put' : 'delete';
          const given = { type, key: `k${number}`, value: 'second' } as KeyValueCommand;
          machine.apply(
            type === 'put' ? given : { type: 'delete', key: given.key },
            entry(2_000 + step),
          );
        }
        for (const { taken, digest } of snapshots) {
          const restored = keyValue();
          await restored.restore(asynchronous(taken as Iterable<Uint8Array>));
          expect(restored.digest()).toBe(digest);
        }
      }),
      { numRuns: 5 },
    );
  });
});

const digestOf = (machine: ReturnType<typeof keyValue>) => machine.digest();

async function* asynchronous(chunks: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

describe('limits of keys and values', () => {
  test('a value may have 1 MiB and not a byte more, also when it is appended to', () => {
    const machine = keyValue();
    const full = { type: 'put', key: 'k', value: new Uint8Array(1_048_576) } as const;
    expect(machine.apply(full, entry(1))).toMatchObject({ type: 'written', length: 1_048_576 });
    const more = { type: 'append', key: 'k', value: 'x' } as const;
    expect(machine.apply(more, entry(2))).toEqual({ type: 'too-large', length: 1_048_577 });
    const larger = { type: 'put', key: 'k', value: new Uint8Array(1_048_577) } as const;
    expect(machine.apply(larger, entry(3))).toEqual({ type: 'too-large', length: 1_048_577 });
    expect(machine.query({ type: 'get', key: 'k' })).toMatchObject({ revision: 1 });
  });

  test('a page of large values ends early and says where to go on', () => {
    const machine = keyValue();
    for (let number = 1; number <= 9; number += 1) {
      const given = { type: 'put', key: `k${number}`, value: new Uint8Array(1_000_000) } as const;
      machine.apply(given, entry(number));
    }
    const page = machine.query({ type: 'list', values: true }) as Page;
    expect(page.items.map((item) => item.key)).toEqual(['k1', 'k2', 'k3', 'k4']);
    expect(page.next).toBe('k4');
  });

  test('and so does one of large keys, which are larger still as JSON', () => {
    const machine = keyValue();
    for (let number = 1; number <= 400; number += 1) {
      const key = String(number).padStart(4, '0') + '\u0001'.repeat(4_092);
      machine.apply({ type: 'put', key, value: '' }, entry(number));
    }
    const page = machine.query({ type: 'list', limit: 1_000 }) as Page;
    expect(page.items).toHaveLength(170);
    expect(JSON.stringify(page.items).length).toBeLessThan(4 * 1_048_576);
    expect(page.next).toBe(page.items.at(-1)?.key);
  });

  test('a value that was read is a copy, unless the reader may share it', () => {
    const machine = keyValue();
    machine.apply({ type: 'put', key: 'k', value: 'v' }, entry(1));
    const read = (shares?: true) =>
      machine.query({ type: 'get', key: 'k', ...(shares && { shares }) }) as Found;
    read().value.fill(0);
    expect(read()).toMatchObject({ value: new Uint8Array([118]) });
    expect(read(true).value).toBe(read(true).value);
  });

  test.each([1, 64, 65, 4_096])(
    'a snapshot has keys of %i bytes, of whatever characters',
    async (length) => {
      const keys = ['a'.repeat(length), `${'a'.repeat(length - 1)}\0`, 'é'.repeat(length >> 1)];
      const machine = keyValue();
      for (const key of keys.filter(Boolean)) {
        machine.apply({ type: 'put', key, value: key }, entry(1));
      }
      const restored = keyValue();
      await restored.restore(asynchronous(machine.snapshot() as Iterable<Uint8Array>));
      expect(restored.digest()).toBe(machine.digest());
    },
  );

  test('chunks of a snapshot have at most 64 KiB', () => {
    const machine = keyValue();
    for (let number = 1; number <= 5; number += 1) {
      const given = { type: 'put', key: `k${number}`, value: new Uint8Array(700_000) } as const;
      machine.apply(given, entry(number));
    }
    const sizes = [...(machine.snapshot() as Iterable<Uint8Array>)].map(
      (chunk) => chunk.byteLength,
    );
    expect(Math.max(...sizes)).toBe(65_536);
    expect(sizes.length).toBe(54);
  });

  test('what was answered may be changed without changing the state', () => {
    const machine = keyValue();
    machine.apply({ type: 'put', key: 'k', value: 'kept' }, entry(1));
    const found = machine.query({ type: 'get', key: 'k' });
    if (found.type === 'found') found.value.fill(0);
    expect(machine.query({ type: 'get', key: 'k' })).toMatchObject({ value: encodeText('kept') });
  });

  test.each<[string, unknown]>([
    ['an empty key', { type: 'put', key: '', value: 'v' }],
    ['a key of 4,097 bytes', { type: 'put', key: 'ä'.repeat(2_049), value: 'v' }],
    ['half a surrogate pair', { type: 'put', key: '\ud83d', value: 'v' }],
    ['a number for a value', { type: 'put', key: 'k', value: 7 }],
    ['an unknown type', { type: 'swap', key: 'k' }],
    ['a misspelt condition', { type: 'put', key: 'k', value: 'v', ifRevison: 3 }],
    ['two conditions', { type: 'put', key: 'k', value: 'v', ifExists: true, ifAbsent: true }],
    ['a negative revision', { type: 'delete', key: 'k', ifRevision: -1 }],
    ['a value to delete', { type: 'delete', key: 'k', value: 'v' }],
    ['nothing at all', null],
  ])('the codec refuses %s with a TypeError', (_, misuse) => {
    expect(() => keyValue().commands?.encode(misuse as KeyValueCommand)).toThrow(TypeError);
  });

  test('no damaged bytes are taken for a command or a result', () => {
    const { commands, results } = keyValue();
    const bytes = commands?.encode({ type: 'delete', key: 'key', ifRevision: 300 });
    expect(() => commands?.decode(Uint8Array.from([...(bytes ?? []), 0]))).toThrow(TypeError);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (noise) => {
        for (const codec of [commands, results]) {
          try {
            const decoded = codec?.decode(noise);
            expect(
              codec?.decode(codec.encode(decoded as KeyValueCommand & KeyValueResult)),
            ).toEqual(decoded);
          } catch (refusal) {
            expect(refusal).toBeInstanceOf(TypeError);
          }
        }
      }),
    );
  });

  test('a snapshot that is cut short or has bytes left over is refused, and changes nothing', async () => {
    const machine = keyValue();
    machine.apply({ type: 'put', key: 'k', value: 'v' }, entry(1));
    const before = machine.digest();
    const [bytes = new Uint8Array()] = [...(machine.snapshot() as Iterable<Uint8Array>)];
    const broken = [bytes.slice(0, -1), bytes.slice(0, 1), Uint8Array.from([...bytes, 0])];
    for (const chunk of [...broken, Uint8Array.of(2, 0)]) {
      await expect(machine.restore(asynchronous([chunk]))).rejects.toThrow(TypeError);
    }
    await expect(machine.restore(asynchronous([]))).rejects.toThrow(TypeError);
    expect(machine.digest()).toBe(before);
  });
});
