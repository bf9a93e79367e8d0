/** Says how far a proof has come: a line now and then, and at once what failed. */
import type { Done } from './journal.ts';
import { keyOf } from './plan.ts';

const INTERVAL_MS = 15_000;

export class Progress {
  readonly #total: number;
  readonly #before: number;
  readonly #startedAt = performance.now();
  #done: number;
  #failed = 0;
  #saidAt = 0;

  constructor(total: number, done: number) {
    this.#total = total;
    this.#before = done;
    this.#done = done;
    if (done > 0) say(`${done} of ${total} were done before; going on`);
  }

  note({ unit, error }: Done): void {
    this.#done += 1;
    if (error !== null) {
      this.#failed += 1;
      say(`FAILED ${keyOf(unit)}\n${error}`);
    }
    if (performance.now() - this.#saidAt > INTERVAL_MS) this.#say(keyOf(unit));
  }

  end(): void {
    this.#say('the end');
  }

  #say(at: string): void {
    this.#saidAt = performance.now();
    const elapsedMs = this.#saidAt - this.#startedAt;
    say(
      `${minutes(elapsedMs)} · ${this.#done} of ${this.#total} · ${this.#failed} failed · ` +
        `about ${minutes(this.#leftMs(elapsedMs))} left · ${at}`,
    );
  }

  #leftMs(elapsedMs: number): number {
    const doneNow = Math.max(1, this.#done - this.#before);
    return (elapsedMs / doneNow) * (this.#total - this.#done);
  }
}

function minutes(ms: number): string {
  return `${(ms / 60_000).toFixed(1)} min`;
}

export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
