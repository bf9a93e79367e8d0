/** The processes of a search: each is told a seed, and the next one when it is done with it. */
import { type ChildProcess, fork } from 'node:child_process';
import { type Counts, sumOf } from '../../src/simulation/search/counter.ts';
import { type Failure, Failures } from '../../src/simulation/search/failure.ts';
import type { SearchOptions } from './options.ts';
import type { Found } from './worker.ts';

/** What a timer can be set for. */
const TIMER_MAX_MS = 2 ** 31 - 1;
const WORKER = new URL('./worker.ts', import.meta.url);

export class Team {
  /** Seeds that were tried, whatever became of them. */
  tried = 0;
  counts: Counts = sumOf([]);
  readonly failures = new Failures();
  /** What fell, and is not shrunk yet. */
  readonly shrinking = new Map<ChildProcess, Failure>();
  /** Resolves when the time is over, every seed is done, or a failure ends it. */
  readonly done: Promise<void>;
  readonly #workers: readonly ChildProcess[];
  readonly #options: SearchOptions;
  readonly #onNewKind: (failure: Failure) => void;
  readonly #endTimer: NodeJS.Timeout;
  #begun = 0;
  #isEnded = false;
  #resolve: () => void = () => undefined;

  /** @param onNewKind told of the first failure of each kind, as soon as it is there */
  constructor(options: SearchOptions, onNewKind: (failure: Failure) => void, file = WORKER) {
    this.#options = options;
    this.#onNewKind = onNewKind;
    this.#endTimer = setTimeout(
      () => this.#end(),
      Math.min(options.minutes * 60_000, TIMER_MAX_MS),
    );
    this.done = new Promise((resolve) => {
      this.#resolve = resolve;
    });
    const start = () => fork(file, { execArgv: ['--import', 'tsx'] });
    this.#workers = Array.from({ length: Math.min(options.workers, options.seeds) }, start);
    for (const worker of this.#workers) this.#employ(worker);
  }

  #employ(worker: ChildProcess): void {
    worker.on('message', (found: Found) => this.#note(worker, found));
    worker.once('exit', (code, signal) => {
      if (signal !== null) return;
      const message = `A worker of the search ended by itself, with ${code}.`;
      const told = { violation: 'the search itself', signature: message, script: '', message };
      this.#failure({ seed: this.#options.seed, ...told });
      this.#end();
    });
    this.#give(worker);
  }

  #give(worker: ChildProcess): void {
    const { seed, seeds } = this.#options;
    if (this.tried === seeds) this.#end();
    else if (this.#begun < seeds) {
      worker.send(seed + this.#begun);
      this.#begun += 1;
    }
  }

  #note(worker: ChildProcess, found: Found): void {
    if (this.#isEnded) return;
    if ('fallen' in found) {
      this.shrinking.set(worker, found.fallen);
      return;
    }
    this.shrinking.delete(worker);
    this.tried += 1;
    if ('failure' in found) this.#failure(found.failure);
    else this.counts = sumOf([this.counts, found.counts]);
    if ('failure' in found && this.#options.stopsAtFirst) this.#end();
    else this.#give(worker);
  }

  #failure(failure: Failure): void {
    if (this.failures.add(failure)) this.#onNewKind(failure);
  }

  /** What there was no time to shrink is a failure all the same. */
  #end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#endTimer);
    for (const worker of this.#workers) worker.kill();
    for (const failure of this.shrinking.values()) {
      this.tried += 1;
      this.#failure(failure);
    }
    this.shrinking.clear();
    this.#resolve();
  }
}
