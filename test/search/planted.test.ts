/** Would the search notice? Broken machines are found, and told of in a few lines. */
import { describe, expect, it } from 'vitest';
import { PLANTED, readsUnconfirmed } from './planted.ts';
import { SearchFailure, search } from './search.ts';
import { parse, run } from './subject.ts';

const LINES_MAX = 15;
const SEEDS_MAX = 60;

async function firstFailure(machine: (typeof PLANTED)[number]['machine'], from: number) {
  for (let seed = from; seed < from + SEEDS_MAX; seed += 1) {
    const failure = await search(seed, machine).catch((error: Error) => error);
    if (failure instanceof SearchFailure) return failure;
    if (failure instanceof Error) throw failure;
  }
  throw new Error(`${SEEDS_MAX} seeds found nothing`);
}

describe('a server that breaks a rule is found by the search', () => {
  it.each(PLANTED)(
    '$bug: $violation, in at most 15 lines',
    async ({ machine, violation, from }) => {
      const { script, violation: found, message } = await firstFailure(machine, from);
      expect(found).toBe(violation);
      expect(script.trim().split('\n').length).toBeLessThanOrEqual(LINES_MAX);
      expect(message).toContain(script);
      expect(message).toMatch(/server {2}role/);
      expect(message).toMatch(/last lines/);
      expect(await run(parse(script), machine)).toMatchObject({ name: violation });
      expect(await run(parse(script))).toMatchObject({ kind: 'report' });
    },
    120_000,
  );

  it('stale reads need slow clocks and luck: written down, the checker sees one at once (§8)', async () => {
    const plan = parse(`
      seed 4
      attemptMs 40
      700 isolate leader
      710 append 1 x 1.1
      910 get 2 x 2.1
    `);
    expect(await run(plan)).toMatchObject({ kind: 'report' });
    const result = await run(plan, readsUnconfirmed);
    expect(result).toMatchObject({ name: 'Linearizability' });
    expect(result.kind === 'violation' && result.message).toMatch(/"kind":"get".* → null/);
  });

  it('twice with the same result', async () => {
    const { machine, from } = PLANTED[0]!;
    const first = await firstFailure(machine, from);
    expect((await firstFailure(machine, from)).message).toBe(first.message);
  });
});
