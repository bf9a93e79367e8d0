/**
 * Every mutant and every must against its killer: does an assertion fail, the same as last time? The
 * killers run in warm processes of their own, each with one text of the source replaced. The quick
 * tier examines those that a change concerns.
 */
import { describe, expect, it } from 'vitest';
import { isQuick } from '../tiers/tier.ts';
import { concernedBy, differenceFromMain } from './changed.ts';
import { examineMutants, misplacement, type Verdict } from './harness/examination.ts';
import { pageOf, readKills, readPage } from './kills.ts';
import type { Mutant } from './mutant.ts';
import { mustMutants, mutants } from './mutants.ts';

const all = [...mutants, ...mustMutants];
const kills = readKills();
const examined = isQuick ? concernedBy(differenceFromMain(), all, kills) : all;
const again = 'run `npm run mutants`';

describe('mutants', () => {
  it('have an id of their own', () => {
    const ids = all.map(({ id }) => id);
    expect(ids.filter((id, place) => ids.indexOf(id) !== place)).toEqual([]);
  });

  it('are changed at one place, which is still there', () => {
    expect(all.map(({ change }) => misplacement(change)).filter((told) => told !== null)).toEqual(
      [],
    );
  });

  it('change something, and each something else', () => {
    const changes = mutants.map(({ change: { file, find, replace } }) => [file, find, replace]);
    expect(changes.filter(([, find, replace]) => find === replace)).toEqual([]);
    expect(new Set(changes.map((change) => change.join('\n'))).size).toBe(changes.length);
  });

  it('are the table of docs/mutants.md', () => {
    expect(Object.keys(kills), again).toEqual(all.map(({ id }) => id));
    expect(readPage(), again).toBe(pageOf(kills));
  });

  it(`are killed, each by an assertion of its killer, which passes with nothing changed: ${examined.length} of ${all.length}`, async () => {
    const titleOf = ({ id }: Mutant) => kills[id]?.title;
    const verdicts = await examineMutants({ mutants: examined, titleOf });
    const expected = examined.map(({ id }): [string, Verdict] => [id, { kill: kills[id]! }]);
    expect(Object.fromEntries(verdicts), again).toEqual(Object.fromEntries(expected));
  }, 400_000);
});
