/**
 * What was done so far, a line of JSON per unit: an interrupted proof of the same commit and seed
 * goes on where it stopped.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { keyOf, type Unit } from './plan.ts';

/** How a unit ended. `error` is null when all it claims is true. */
export interface Done {
  readonly unit: Unit;
  readonly ms: number;
  readonly error: string | null;
  readonly counts: Readonly<Record<string, number>>;
}

export class Journal {
  readonly path: string;
  readonly #done = new Map<string, Done>();

  constructor(path: string) {
    this.path = path;
    mkdirSync(dirname(path), { recursive: true });
    if (!existsSync(path)) writeFileSync(path, '');
    for (const line of readFileSync(path, 'utf8').split('\n')) this.#read(line);
  }

  /** The last line may have been cut off; its unit is done again. */
  #read(line: string): void {
    try {
      const done = JSON.parse(line) as Done;
      this.#done.set(keyOf(done.unit), done);
    } catch {}
  }

  get done(): readonly Done[] {
    return [...this.#done.values()];
  }

  isDone(unit: Unit): boolean {
    return this.#done.has(keyOf(unit));
  }

  add(done: Done): void {
    this.#done.set(keyOf(done.unit), done);
    appendFileSync(this.path, `${JSON.stringify(done)}\n`);
  }
}
