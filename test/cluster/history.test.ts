import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  assertLinearizable,
  type Call,
  HistoryFile,
  type Recorded,
  readHistory,
} from './history.ts';

let clock = 0;

/** One operation after the other, each answered unless it says otherwise. */
function does(call: Call, answer: Recorded['answer'], rest: Partial<Recorded> = {}): Recorded {
  clock += 2;
  const times = { calledAt: clock, settledAt: clock + 1 };
  return { client: `${clock}`, call, ...times, told: 'answered', answer, ...rest };
}

const get = (answer: string | null) => does({ type: 'get', key: 'k' }, answer);
const put = (value: string, rest?: Partial<Recorded>) =>
  does({ type: 'put', key: 'k', value }, null, rest);
const append = (value: string, length: number, rest?: Partial<Recorded>) =>
  does({ type: 'append', key: 'k', value }, length, rest);
const compareAndSet = (expected: string | null, value: string, isDone: boolean) =>
  does({ type: 'compareAndSet', key: 'k', expected, value }, isDone);

/** By way of a file, as the history of a real cluster. */
async function verdictOn(...history: Recorded[]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'statecraft-history-'));
  const file = new HistoryFile(join(directory, 'history.jsonl'));
  for (const recorded of history) file.add(recorded);
  await file.close();
  const recorded = await readHistory(file.path);
  await rm(directory, { recursive: true });
  try {
    assertLinearizable(recorded);
    return 'ok';
  } catch (error) {
    return (error as Error).message;
  }
}

const UNKNOWN = { told: 'unknown', answer: null } as const;
const REFUSED = { told: 'refused', answer: null } as const;

describe('the history of a cluster is explained, or the check says why not (§8)', () => {
  it('accepts what one copy of the data could have answered', async () => {
    const history = [get(null), put('a'), append('b', 2), compareAndSet('ab', 'c', true)];
    expect(await verdictOn(...history, compareAndSet('ab', 'd', false), get('c'))).toBe('ok');
  });

  it('accepts what is in doubt done late, at once, or never', async () => {
    const doubtful = () => append('b', 2, UNKNOWN);
    expect(await verdictOn(put('a'), doubtful(), get('a'), get('ab'))).toBe('ok');
    expect(await verdictOn(put('a'), doubtful(), get('ab'), get('ab'))).toBe('ok');
    expect(await verdictOn(put('a'), doubtful(), get('a'), get('a'))).toBe('ok');
  });

  it.each<[string, () => Recorded[]]>([
    ['an acknowledged write that is lost', () => [put('a'), get(null)]],
    ['a read from the past', () => [put('a'), put('b'), get('a')]],
    ['a read that goes back', () => [put('a'), put('b', UNKNOWN), get('b'), get('a')]],
    ['a refused write that is there', () => [put('a'), put('b', REFUSED), get('b')]],
    ['an append that was repeated', () => [append('a', 1), get('aa')]],
    ['one in doubt that was done twice', () => [append('a', 1, UNKNOWN), get('aa')]],
    ['appends out of order', () => [append('a', 1), append('b', 2), get('ba')]],
    ['a value that nobody wrote', () => [put('a'), get('z')]],
    [
      'an update that another one lost',
      () => [put('a'), compareAndSet('a', 'b', true), compareAndSet('a', 'c', true)],
    ],
    [
      'a compare-and-set that was refused for nothing',
      () => [put('a'), compareAndSet('a', 'b', false)],
    ],
  ])('finds %s in a doctored history', async (_, history) => {
    expect(await verdictOn(...history())).toMatch(/not linearizable \(violation\)/);
  });
});
