import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkLinearizable, type Model, type Operation } from '../../src/simulation/index.ts';

type Input = { type: 'read'; key?: string } | { type: 'write'; value: number; key?: string };
type Output = number | null;

const register: Model<number | null, Input, Output> = {
  initial: null,
  keyOf: ({ key = 'x' }) => key,
  apply: (state, input) =>
    input.type === 'read' ? { state, output: state } : { state: input.value, output: null },
};

const read = (calledAt: number, returnedAt: number, output: Output, key = 'x') =>
  ({ client: 'r', input: { type: 'read', key }, calledAt, returnedAt, output }) as const;
const write = (calledAt: number, returnedAt: number | null, value: number, key = 'x') =>
  ({
    client: 'w',
    input: { type: 'write', value, key },
    calledAt,
    returnedAt,
    output: null,
  }) as const;

const verdict = (...history: Operation<Input, Output>[]) =>
  checkLinearizable(history, register).verdict;

describe('linearizability (§8)', () => {
  it('what happens one after the other must be seen in that order', () => {
    expect(verdict(write(0, 1, 1), read(2, 3, 1))).toBe('ok');
    expect(verdict(write(0, 1, 1), write(2, 3, 2), read(4, 5, 1))).toBe('violation');
  });

  it('what overlaps may go either way, but for everybody the same way', () => {
    expect(verdict(write(0, 9, 1), read(1, 2, null), read(3, 4, 1))).toBe('ok');
    expect(verdict(write(0, 9, 1), read(1, 2, 1), read(3, 4, null))).toBe('violation');
  });

  it('a write without an answer may take effect late, or never', () => {
    expect(verdict(write(0, null, 1), read(5, 6, null), read(7, 8, 1))).toBe('ok');
    expect(verdict(write(0, null, 1), read(5, 6, null), read(7, 8, null))).toBe('ok');
    expect(verdict(write(0, null, 1), read(5, 6, 1), read(7, 8, null))).toBe('violation');
    expect(verdict(write(5, null, 1), read(1, 2, 1))).toBe('violation');
  });

  it('operations that touch at an instant overlap', () => {
    expect(verdict(write(0, 5, 1), read(5, 6, null))).toBe('ok');
  });

  it('keys are judged by themselves, and the window names the one that is wrong', () => {
    const sound = [write(0, 1, 1, 'y'), read(2, 3, 1, 'y')];
    const report = checkLinearizable(
      [...sound, write(0, 1, 1), write(2, 3, 2), read(4, 5, 1), read(6, 7, 2)],
      register,
    );
    expect(report).toMatchObject({ verdict: 'violation', key: 'x' });
    expect(report.counterexample.at(-1)).toMatchObject({ calledAt: 4, output: 1 });
    expect(report.text).toContain("key 'x'");
  });

  it('a budget that is too small says that it proves nothing', () => {
    const writes = Array.from({ length: 12 }, (_, value) => write(0, 100, value));
    const report = checkLinearizable([...writes, read(101, 102, 99)], register, { stepsMax: 50 });
    expect(report.verdict).toBe('not finished');
    expect(report.text).toContain('no proof');
  });

  it('every history of a real register is linearizable, however long its calls take', () => {
    fc.assert(
      fc.property(histories(), (history) => {
        expect(checkLinearizable(history, register).verdict).toBe('ok');
      }),
      { seed: 1, numRuns: 300 },
    );
  });

  it('a verdict agrees with trying every order, on small histories', () => {
    fc.assert(
      fc.property(histories(5), fc.nat(), fc.constantFrom(null, 0, 1, 2), (history, at, lie) => {
        const doctored = history.map((operation, place) =>
          place === at % history.length && operation.input.type === 'read'
            ? { ...operation, output: lie }
            : operation,
        );
        const expected = isExplainedBySomeOrder(doctored) ? 'ok' : 'violation';
        expect(checkLinearizable(doctored, register).verdict).toBe(expected);
      }),
      { seed: 2, numRuns: 500 },
    );
  });
});

/** Operations that took effect at distinct instants, called some time before and answered after. */
function histories(maxLength = 30): fc.Arbitrary<Operation<Input, Output>[]> {
  const one = fc.record({
    isRead: fc.boolean(),
    value: fc.nat(2),
    early: fc.nat(40),
    late: fc.nat(40),
    isLost: fc.integer({ min: 0, max: 9 }).map((chance) => chance === 0),
  });
  return fc.array(one, { minLength: 1, maxLength }).map((plans) => {
    let state: Output = null;
    return plans.map(({ isRead, value, early, late, isLost }, at): Operation<Input, Output> => {
      const instant = at * 10;
      if (!isRead) state = value;
      const input: Input = isRead ? { type: 'read' } : { type: 'write', value };
      const returnedAt = isLost && !isRead ? null : instant + late;
      return {
        client: at,
        input,
        calledAt: instant - early,
        returnedAt,
        output: isRead ? state : null,
      };
    });
  });
}

/** The definition itself: some order, some of the pending ones left out. */
function isExplainedBySomeOrder(
  left: readonly Operation<Input, Output>[],
  state: Output = null,
): boolean {
  if (left.every(({ returnedAt }) => returnedAt === null)) return true;
  const firstReturn = Math.min(...left.map(({ returnedAt }) => returnedAt ?? Infinity));
  return left.some((operation) => {
    if (operation.calledAt > firstReturn) return false;
    const next = register.apply(state, operation.input);
    if (operation.returnedAt !== null && next.output !== operation.output) return false;
    return isExplainedBySomeOrder(
      left.filter((other) => other !== operation),
      next.state,
    );
  });
}
