/** Mutants of one file with one killer, written as short rows. */
import type { Mutant } from './mutant.ts';

export interface Place {
  readonly file: string;
  readonly test: string;
}

export interface Row extends Pick<Mutant, 'id' | 'rule' | 'section' | 'bug'> {
  readonly find: string;
  readonly replace: string;
  /** Where another test notices than the others' of this place. */
  readonly test?: string;
  readonly name?: string;
}

export function mutantsOf(place: Place, rows: readonly Row[]): readonly Mutant[] {
  return rows.map(({ find, replace, test = place.test, name, ...told }) => ({
    ...told,
    change: { file: place.file, find, replace },
    killer: name === undefined ? { test } : { test, name },
  }));
}
