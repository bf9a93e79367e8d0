/**
 * The trace: a line of text per event, in virtual time. The same seed gives the same trace, byte for
 * byte; its hash covers every line, also those that are no longer kept.
 */
import type { Clock } from '../ports/clock.ts';
import { TextHash } from './text-hash.ts';

const TIME_WIDTH = 10;

export class Trace {
  readonly #clock: Clock;
  readonly #linesMax: number;
  readonly #hash = new TextHash();
  #lines: string[] = [];
  #count = 0;

  constructor(clock: Clock, linesMax: number) {
    this.#clock = clock;
    this.#linesMax = linesMax;
  }

  /** How many lines there were in all. */
  get count(): number {
    return this.#count;
  }

  /** @param who a server's id, or `·` for what happens to the cluster */
  add(who: string, what: string): void {
    const line = `${String(this.#clock.now()).padStart(TIME_WIDTH)} ${who} ${what}\n`;
    this.#hash.add(line);
    this.#count += 1;
    this.#lines.push(line);
    if (this.#lines.length >= 2 * this.#linesMax) this.#lines = this.#lines.slice(-this.#linesMax);
  }

  /** The last lines, oldest first. */
  tail(lines: number): string {
    return this.#lines.slice(-lines).join('');
  }

  text(): string {
    return this.tail(this.#linesMax);
  }

  hash(): string {
    return this.#hash.toString();
  }
}
