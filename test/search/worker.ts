/** A process of the search: is told a seed, tells what became of it, and waits for the next. */
import type { Counts } from './counts.ts';
import { SearchFailure, search } from './search.ts';

export type Found = { readonly counts: Counts } | { readonly failure: string };

process.on('message', async (seed: number) => {
  process.send?.(await searched(seed));
});

async function searched(seed: number): Promise<Found> {
  try {
    return { counts: (await search(seed)).counts };
  } catch (error) {
    if (error instanceof SearchFailure) return { failure: error.message };
    return { failure: `seed ${seed}: ${(error as Error).stack}` };
  }
}
