/** A process of the search: is told a seed, tells what became of it, and waits for the next. */
import type { Counts } from '../../src/simulation/search/counter.ts';
import { type Failure, isFailure, SeedSearch } from '../../src/simulation/search/failure.ts';
import { keyValueSubject } from './subject.ts';

export type Found =
  | { readonly counts: Counts }
  | { readonly failure: Failure }
  /** It is being shrunk. */
  | { readonly fallen: Failure };

const seeds = new SeedSearch(keyValueSubject(), { onFailure: (fallen) => tell({ fallen }) });

function tell(found: Found): void {
  process.send?.(found);
}

process.on('message', async (seed: number) => {
  tell(await searched(seed));
});

async function searched(seed: number): Promise<Found> {
  try {
    const result = await seeds.search(seed);
    return isFailure(result) ? { failure: result } : { counts: result.counts };
  } catch (error) {
    const { name, message, stack } = error as Error;
    const signature = `the search itself · ${name}: ${message}`;
    const told = `seed ${seed}: ${stack}`;
    return {
      failure: { seed, violation: 'the search itself', signature, script: '', message: told },
    };
  }
}
