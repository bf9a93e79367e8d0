/** Whatever inputs, answers and states are made of, the verdict is that of trying every order (§8). */
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { areEqualOutputs } from '../../src/checker/equal-outputs.ts';
import { exactKeys } from '../../src/checker/exact-key.ts';
import { valueText } from '../../src/formats/value-text.ts';
import { checkLinearizable, type Model, type Operation } from '../../src/simulation/index.ts';
import { CLOSED, OPEN } from './values.ts';

/** A list: who adds is told its length, who reads is told what is in it. */
type Input = { readonly add: unknown } | 'read';

const list: Model<readonly unknown[], Input, unknown> = {
  initial: [],
  apply: (state, input) =>
    input === 'read'
      ? { state, output: state }
      : { state: [...state, input.add], output: state.length + 1 },
};

/** The same, but that it is told by name what is in it. */
function listOfNames(names: Readonly<Record<string, unknown>>): typeof list {
  const nameOf = (value: unknown) =>
    Object.keys(names).find((name) => Object.is(names[name], value));
  return {
    initial: [],
    apply: (state, input) =>
      list.apply(state, input === 'read' ? input : { add: nameOf(input.add) }),
  };
}

const anything = fc.anything({
  withBigInt: true,
  withDate: true,
  withMap: true,
  withSet: true,
  withTypedArray: true,
  maxDepth: 2,
  maxKeys: 2,
});

/** Adds that overlap, many of them without an answer, then reads of which some lie. */
function histories(values: readonly unknown[]): fc.Arbitrary<Operation<Input, unknown>[]> {
  const place = fc.nat(values.length - 1);
  const added = fc.record({
    value: fc.oneof(place, fc.nat(1)),
    isApplied: fc.boolean(),
    isTold: fc.boolean(),
    late: fc.nat(25),
  });
  const read = fc.record({ without: fc.nat(4), instead: fc.option(place, { freq: 3 }) });
  const plan = fc.record({
    adds: fc.array(added, { minLength: 1, maxLength: 4 }),
    reads: fc.array(read, { minLength: 1, maxLength: 2 }),
    offset: place,
  });
  return plan.map(({ adds, reads, offset }) => {
    let state: readonly unknown[] = [];
    const history = adds.map(
      ({ value, isApplied, isTold, late }, at): Operation<Input, unknown> => {
        const input = { add: values[(value + offset) % values.length] };
        if (isApplied || isTold) state = [...state, input.add];
        const returnedAt = isTold ? at * 10 + late : null;
        return { client: at, input, calledAt: at * 10, returnedAt, output: state.length };
      },
    );
    return [
      ...history,
      ...reads.map(({ without, instead }, at): Operation<Input, unknown> => {
        const seen = state.filter((_, index) => index !== without);
        const output = instead === null ? seen : [...seen.slice(0, -1), values[instead]];
        const calledAt = 100 + at * 10;
        return { client: 'r', input: 'read', calledAt, returnedAt: calledAt + 1, output };
      }),
    ];
  });
}

/** The definition: some order, some of the pending ones left out. */
function isExplained<State>(
  left: readonly Operation<Input, unknown>[],
  model: Model<State, Input, unknown>,
  state: State = model.initial,
): boolean {
  if (left.every(({ returnedAt }) => returnedAt === null)) return true;
  const firstReturn = Math.min(...left.map(({ returnedAt }) => returnedAt ?? Infinity));
  return left.some((operation) => {
    if (operation.calledAt > firstReturn) return false;
    const next = model.apply(state, operation.input);
    const isTold = operation.returnedAt !== null;
    if (isTold && !isDeepStrictEqual(next.output, operation.output)) return false;
    const rest = left.filter((other) => other !== operation);
    return isExplained(rest, model, next.state);
  });
}

describe('linearizability (§8), whatever values are made of', () => {
  it('inputs that look alike are two, and none that can be told apart is left out', () => {
    const all = { ...OPEN, ...CLOSED };
    const model = listOfNames(all);
    const verdicts = { ok: 0, violation: 0 };
    fc.assert(
      fc.property(histories(Object.values(all)), (history) => {
        const told = history.map((operation) =>
          operation.input === 'read'
            ? { ...operation, output: (operation.output as unknown[]).map(nameIn(all)) }
            : operation,
        );
        const expected = isExplained(told, model) ? 'ok' : 'violation';
        expect(checkLinearizable(told, model).verdict).toBe(expected);
        verdicts[expected] += 1;
      }),
      { seed: 1, numRuns: 600 },
    );
    expect(Math.min(verdicts.ok, verdicts.violation)).toBeGreaterThan(60);
  });

  it('states and answers are compared by what they hold', () => {
    const verdicts = { ok: 0, violation: 0 };
    fc.assert(
      fc.property(histories(Object.values(OPEN)), (history) => {
        const expected = isExplained(history, list) ? 'ok' : 'violation';
        expect(checkLinearizable(history, list).verdict).toBe(expected);
        verdicts[expected] += 1;
      }),
      { seed: 2, numRuns: 600 },
    );
    expect(Math.min(verdicts.ok, verdicts.violation)).toBeGreaterThan(60);
  });

  it('what is a violation is told of, BigInts, cycles and all', () => {
    for (const [name, add] of Object.entries({ ...OPEN, ...CLOSED })) {
      const history: Operation<Input, unknown>[] = [
        { client: 'a', input: { add }, calledAt: 0, returnedAt: null, output: null },
        { client: 'b', input: 'read', calledAt: 1, returnedAt: 2, output: [name, 1n] },
      ];
      const report = checkLinearizable(history, list);
      expect(report.verdict, name).toBe('violation');
      expect(report.text, name).toContain('1n');
    }
  });

  it('repetitions are still recognised: forty pending ones of the same cost little', () => {
    const add = { to: new Map([['x', Uint8Array.of(1)]]) };
    const pending = Array.from({ length: 40 }, (_, at): Operation<Input, unknown> => {
      const input = { add: structuredClone(add) };
      return { client: at, input, calledAt: at, returnedAt: null, output: null };
    });
    const read = { client: 'r', input: 'read' as const, calledAt: 50, returnedAt: 51 };
    const report = checkLinearizable([...pending, { ...read, output: ['lie'] }], list, {
      stepsMax: 10_000,
    });
    expect(report.verdict).toBe('violation');
  });
});

function nameIn(names: Readonly<Record<string, unknown>>) {
  return (value: unknown) => Object.keys(names).find((name) => Object.is(names[name], value));
}

describe('keys of values', () => {
  it('are equal only for equal values, and for copies', () => {
    fc.assert(
      fc.property(anything, anything, (one, other) => {
        const keyOf = exactKeys();
        if (keyOf(one) === keyOf(other)) expect(isDeepStrictEqual(one, other)).toBe(true);
        expect(keyOf(structuredClone(one))).toBe(keyOf(one));
      }),
      { seed: 3, numRuns: 2_000 },
    );
  });

  it('tell apart all that can be told apart', () => {
    const keyOf = exactKeys();
    const values = Object.values({ ...OPEN, ...CLOSED });
    expect(new Set(values.map(keyOf)).size).toBe(values.length);
    expect(values.map(keyOf)).toEqual(values.map(keyOf));
  });
});

describe('answers', () => {
  it('are equal when they are deeply equal', () => {
    const isTold = (value: unknown) => !valueText(value, 100_000).includes('undefined');
    fc.assert(
      fc.property(anything.filter(isTold), anything.filter(isTold), (one, other) => {
        expect(areEqualOutputs(one, structuredClone(one))).toBe(true);
        expect(areEqualOutputs(one, other)).toBe(isDeepStrictEqual(one, other));
      }),
      { seed: 4, numRuns: 2_000 },
    );
    const values = Object.values(OPEN);
    for (const one of values)
      for (const other of values) expect(areEqualOutputs(one, other)).toBe(Object.is(one, other));
  });

  it('from over a wire are those that were given', () => {
    const bytes = Uint8Array.of(1, 2);
    class Found {
      readonly revision = 7;
      readonly lease = undefined;
    }
    class Price {
      readonly #cents: number;
      constructor(cents: number) {
        this.#cents = cents;
      }
      toJSON() {
        return { cents: this.#cents };
      }
    }
    expect(areEqualOutputs(Buffer.from(bytes), bytes)).toBe(true);
    expect(areEqualOutputs(new Found(), { revision: 7 })).toBe(true);
    expect(areEqualOutputs({ b: 1, a: 2 }, { a: 2, b: 1 })).toBe(true);
    expect(areEqualOutputs(new Price(5), { cents: 5 })).toBe(true);
    expect(areEqualOutputs(new Price(5), new Price(6))).toBe(false);
    expect(areEqualOutputs(new Set([{ a: 1 }, { a: 2 }]), new Set([{ a: 2 }, { a: 1 }]))).toBe(
      true,
    );
    expect(areEqualOutputs(new Set([{ a: 1 }, { a: 1 }]), new Set([{ a: 2 }, { a: 1 }]))).toBe(
      false,
    );
    expect(areEqualOutputs(Object(1n), Object(1n))).toBe(true);
    const view = (...held: number[]) => new DataView(Uint8Array.from(held).buffer);
    expect(areEqualOutputs(view(1), view(2))).toBe(false);
    const caused = (cause: unknown) => new Error('one', { cause });
    expect(areEqualOutputs(caused(1), caused(2))).toBe(false);
  });

  it('that show nothing are not compared in silence', () => {
    const { 'a closed instance': one, 'another closed instance': other } = CLOSED;
    expect(areEqualOutputs(one, one)).toBe(true);
    expect(() => areEqualOutputs(one, other)).toThrow('Closed and Closed shows no property');
    expect(() => areEqualOutputs(one, other)).toThrow('isSameOutput');
  });
});

const unlucky = {
  get value(): never {
    throw new Error('not now');
  },
};

describe('what is shown', () => {
  it.each([
    [
      { kind: 'get', key: 'x', none: null, list: [1, 'a'] },
      '{"kind":"get","key":"x","none":null,"list":[1,"a"]}',
    ],
    [new Map([['x', 1n]]), 'Map {"x":1n}'],
    [new Set([Number.NaN, [-0], undefined]), 'Set {NaN,[-0],undefined}'],
    [OPEN['a cycle'], '{"name":"one","self":(itself)}'],
    [OPEN['no date'], 'Date (Invalid time value)'],
    [OPEN['a date'], '"1970-01-01T00:00:00.007Z"'],
    [CLOSED['an instance'], 'Point {"x":1}'],
    [unlucky, 'Object (not now)'],
    [Float64Array.of(1.5), 'Float64Array [1.5]'],
    [new TextEncoder().encode('text'), '"text"'],
    [Uint8Array.of(255, 1), '"bytes 255 1"'],
    [new RangeError('too far'), 'RangeError: too far'],
  ])('is what a person can read: %#', (value, text) => expect(valueText(value)).toBe(text));

  it('never throws, and ends', () => {
    fc.assert(fc.property(fc.anything(), (value) => valueText(value).length < 300));
    let deep: unknown = 0;
    for (let depth = 0; depth < 100_000; depth += 1) deep = [deep];
    expect(valueText(deep)).toContain('…');
  });
});
