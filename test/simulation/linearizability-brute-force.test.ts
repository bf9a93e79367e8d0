/**
 * The checker beside the definition itself: every order, tried one by one, on ten thousand small
 * histories of one key, true ones and doctored ones.
 */
import { describe, expect, it } from 'vitest';
import { keyValueModel, type Observed, type ObservedInput } from '../../src/kv/index.ts';
import { checkLinearizable, type Operation, SeededRandom } from '../../src/simulation/index.ts';
import { inTier } from '../tiers/tier.ts';

type Done = Operation<ObservedInput, Observed>;
type Pair = { readonly value: string; readonly revision: number } | null;

const HISTORIES = inTier({ quick: 2_000, full: 10_000 });
const OPERATIONS_MAX = 7;

/** What the state machine does with one key, in the plainest way. */
function applied(pair: Pair, input: ObservedInput, revision: number): [Pair, Observed] {
  if (input.type === 'get')
    return [pair, pair ? { type: 'found', ...pair } : { type: 'not-found' }];
  const { ifRevision, ifExists, ifAbsent } = input;
  const isRefused =
    (ifRevision !== undefined && pair?.revision !== ifRevision) ||
    (ifExists && !pair) ||
    (ifAbsent && pair);
  if (isRefused) return [pair, { type: 'condition-failed', revision: pair?.revision ?? 0 }];
  if (input.type === 'delete') return [null, { type: 'deleted', found: pair !== null }];
  const value = (input.type === 'append' ? (pair?.value ?? '') : '') + input.value;
  return [
    { value, revision },
    { type: 'written', revision, length: value.length },
  ];
}

/** Some order, some of the pending ones left out, and revisions that grow as they were told. */
function isExplained(
  left: readonly Done[],
  told: readonly number[],
  pair: Pair,
  last: number,
): boolean {
  if (left.every(({ returnedAt }) => returnedAt === null)) return true;
  const firstReturn = Math.min(...left.map(({ returnedAt }) => returnedAt ?? Infinity));
  return left.some((operation) => {
    if (operation.calledAt > firstReturn) return false;
    const rest = left.filter((other) => other !== operation);
    // A revision that nobody was told lies somewhere between.
    const revisions = [last + 0.01, ...told.filter((revision) => revision > last)];
    return revisions.some((revision) => {
      const [next, answer] = applied(pair, operation.input, revision);
      if (operation.returnedAt !== null && !fits(answer, operation.output)) return false;
      return isExplained(rest, told, next, next === pair || !next ? last : revision);
    });
  });
}

/** Of this operation, as asked and as told. */
function revisionsIn({ input, output }: Done): number[] {
  const fields = [...Object.entries(input), ...Object.entries(output ?? {})];
  return fields
    .filter(([name, value]) => /^(?:ifR|r)evision$/.test(name) && value > 0)
    .map(([, value]) => Number(value));
}

/** A client may have been told less than there was to tell. */
function fits(answer: Observed, told: Observed | null): boolean {
  return Object.entries(told ?? {}).every(([name, value]) => answer[name as 'type'] === value);
}

describe('the checker and the definition', () => {
  it('agree on ten thousand random histories of up to seven operations', {
    timeout: 120_000,
  }, () => {
    const random = new SeededRandom('brute force');
    const counts = { ok: 0, violation: 0, pending: 0 };
    for (let run = 0; run < HISTORIES; run += 1) {
      const history = randomHistory(random);
      const told = [...new Set(history.flatMap(revisionsIn))];
      const expected = isExplained(history, told, null, 0) ? 'ok' : 'violation';
      const { verdict } = checkLinearizable(history, keyValueModel);
      expect(verdict, `history ${run}: ${JSON.stringify(history, null, 1)}`).toBe(expected);
      counts[expected] += 1;
      if (history.some(({ returnedAt }) => returnedAt === null)) counts.pending += 1;
    }
    expect(Math.min(counts.ok, counts.violation)).toBeGreaterThan(HISTORIES / 4);
    expect(counts.pending).toBeGreaterThan(HISTORIES / 4);
  });
});

/** Operations that took effect one after the other, and then perhaps a lie. */
function randomHistory(random: SeededRandom): Done[] {
  const below = (count: number) => Math.floor(random.next() * count);
  let pair: Pair = null;
  let revision = 0;
  const tellsRevisions = below(2) === 0;
  const history = Array.from({ length: 2 + below(OPERATIONS_MAX - 1) }, (_, at): Done => {
    const input = randomInput(below);
    const isPending = below(5) === 0;
    const calledAt = at * 10 - below(20);
    let output: Observed | null = null;
    if (!isPending || below(2) === 0) {
      revision += 1;
      [pair, output] = applied(pair, input, revision);
    }
    if (isPending) return { client: at, input, calledAt, returnedAt: null, output: null };
    return { client: at, input, calledAt, returnedAt: at * 10 + below(20), output };
  });
  const lies = below(8);
  for (let lie = 0; lie < lies; lie += 1) doctor(history, below);
  return tellsRevisions ? history : history.map(withoutRevision);
}

function randomInput(below: (count: number) => number): ObservedInput {
  const value = 'abc'[below(3)]!;
  const conditions = [
    {},
    {},
    {},
    { ifAbsent: true },
    { ifExists: true },
    { ifRevision: 1 + below(4) },
  ];
  const condition = conditions[below(conditions.length)] as object;
  switch (below(6)) {
    case 0:
      return { type: 'put', key: 'x', value, ...condition };
    case 1:
    case 2:
      return { type: 'append', key: 'x', value, ...condition };
    case 3:
      return { type: 'delete', key: 'x', ...condition };
    default:
      return { type: 'get', key: 'x' };
  }
}

/** One operation answers as another of its kind did, or is moved in time. */
function doctor(history: Done[], below: (count: number) => number): void {
  const at = below(history.length);
  const one = history[at]!;
  if (one.returnedAt === null) return;
  const others = history.filter(
    ({ input, output }) => input.type === one.input.type && output && output !== one.output,
  );
  const [other] = others.slice(below(others.length));
  if (other !== undefined && below(4) > 0) {
    history[at] = { ...one, output: other.output };
    return;
  }
  const later = below(80) - 40;
  history[at] = { ...one, calledAt: one.calledAt + later, returnedAt: one.returnedAt + later };
}

function withoutRevision(operation: Done): Done {
  if (operation.output === null || operation.output.type === 'condition-failed') return operation;
  const { revision: _, ...output } = { revision: 0, ...operation.output };
  return { ...operation, output: output as Observed };
}
