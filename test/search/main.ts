/**
 * Searches on all cores, for as long or for as many seeds as one likes:
 * `npm run search -- --minutes N --seed S`, `npm run search -- --seeds N --seed S`.
 *
 * Exits 0 when nothing fell, 1 with seed and shortest script when something did, 2 for bad flags.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { type Counts, sumOf } from './counts.ts';
import { optionsOf, type SearchOptions } from './options.ts';
import type { Found } from './worker.ts';

const PROGRESS_MS = 10_000;
const MISUSED = 2;

/** Resolves with what fell first, or null when the time is over or every seed is done. */
class Team {
  done = 0;
  counts: Counts = sumOf([]);
  readonly #workers: readonly ChildProcess[];
  readonly #endAt: number;
  readonly #seeds: number;
  #begun = 0;
  readonly #resolve: (failure: string | null) => void;
  #next: number;

  constructor(
    { minutes, seed, seeds, workers }: SearchOptions,
    resolve: (failure: string | null) => void,
  ) {
    this.#endAt = performance.now() + minutes * 60_000;
    this.#next = seed;
    this.#seeds = seeds;
    this.#resolve = resolve;
    const file = new URL('./worker.ts', import.meta.url);
    const start = () => fork(file, { execArgv: process.execArgv });
    this.#workers = Array.from({ length: Math.min(workers, seeds) }, start);
    for (const worker of this.#workers) this.#employ(worker);
  }

  #employ(worker: ChildProcess): void {
    worker.on('message', (found: Found) => this.#note(worker, found));
    worker.once('exit', (code, signal) => {
      if (signal === null) this.#end(`A worker of the search ended by itself, with ${code}.`);
    });
    this.#give(worker);
  }

  #give(worker: ChildProcess): void {
    if (performance.now() >= this.#endAt) this.#end(null);
    else if (this.done === this.#seeds) this.#end(null);
    else if (this.#begun < this.#seeds) {
      worker.send(this.#next);
      this.#next += 1;
      this.#begun += 1;
    }
  }

  #note(worker: ChildProcess, found: Found): void {
    if ('failure' in found) this.#end(found.failure);
    else {
      this.done += 1;
      this.counts = sumOf([this.counts, found.counts]);
      this.#give(worker);
    }
  }

  #end(failure: string | null): void {
    for (const worker of this.#workers) worker.kill();
    this.#resolve(failure);
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function told({ done, counts }: Team, { seed }: SearchOptions): string {
  const { elections, crashes, messages, appends } = counts;
  return (
    `${done} ${done === 1 ? 'seed' : 'seeds'} from ${seed}: ${elections} elections, ${crashes} crashes, ` +
    `${messages} messages, ${appends} appends; nothing has fallen`
  );
}

async function searchFor(options: SearchOptions): Promise<number> {
  let progress: NodeJS.Timeout | undefined;
  let team: Team | undefined;
  const failure = await new Promise<string | null>((resolve) => {
    const made = new Team(options, resolve);
    team = made;
    progress = setInterval(() => say(told(made, options)), PROGRESS_MS);
  });
  clearInterval(progress);
  if (failure === null && team !== undefined) say(told(team, options));
  if (failure !== null) say(failure);
  return failure === null ? 0 : 1;
}

try {
  process.exitCode = await searchFor(optionsOf(process.argv.slice(2), availableParallelism()));
} catch (error) {
  if (!(error instanceof TypeError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = MISUSED;
}
