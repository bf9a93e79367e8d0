import type { Mutant } from '../mutant.ts';
export const guards: readonly Mutant[] = [];
