/**
 * Files that are replaced while a server runs: keys, certificates, tokens. They are looked at every
 * two seconds and read anew when they have changed, so that renewing one takes no restart and no
 * signal (SIGHUP stops a server). What cannot be read keeps what was read before, and is reported.
 */
import { statSync } from 'node:fs';
import type { Clock } from '../ports/clock.ts';
import { errorCode } from './files.ts';
import { realClock } from './real-time.ts';

/** Well within the ten seconds in which a change is promised to count. */
export const RENEWAL_INTERVAL_MS = 2_000;

export interface RenewedFilesOptions<Value> {
  readonly paths: readonly string[];
  /** Reads all of them. @throws an Error whose message is a sentence for people. */
  read(): Value;
  /** They changed, and could be read. */
  readonly onRenewed?: (value: Value) => void;
  /** They changed, and could not be read: what was read before still counts. */
  readonly onFailed?: (message: string) => void;
  readonly clock?: Clock;
  readonly intervalMs?: number;
}

export class RenewedFiles<Value> {
  readonly #options: RenewedFilesOptions<Value>;
  readonly #clock: Clock;
  #value: Value;
  #seen: string;
  /** It is tried again then: it may become valid, or there may be descriptors again. */
  #isUnread = false;
  #timer: unknown = null;

  /** @throws what `read` throws */
  constructor(options: RenewedFilesOptions<Value>) {
    this.#options = options;
    this.#clock = options.clock ?? realClock;
    this.#seen = stateOf(options.paths);
    this.#value = options.read();
    this.#wait();
  }

  /** As it was read last. */
  get value(): Value {
    return this.#value;
  }

  /** Looks now, without waiting for the interval. */
  look(): void {
    const { paths, read, onRenewed, onFailed } = this.#options;
    const seen = stateOf(paths);
    const isChanged = seen !== this.#seen;
    if (!isChanged && !this.#isUnread) return;
    this.#seen = seen;
    try {
      this.#value = read();
      this.#isUnread = false;
    } catch (error) {
      this.#isUnread = true;
      if (isChanged) onFailed?.(error instanceof Error ? error.message : String(error));
      return;
    }
    onRenewed?.(this.#value);
  }

  stop(): void {
    this.#clock.clearTimeout(this.#timer);
  }

  #wait(): void {
    const { intervalMs = RENEWAL_INTERVAL_MS } = this.#options;
    this.#timer = this.#clock.setTimeout(() => {
      this.#wait();
      this.look();
    }, intervalMs);
    (this.#timer as { unref?: () => void }).unref?.();
  }
}

/** Changes whenever one of them is written, replaced or removed. */
function stateOf(paths: readonly string[]): string {
  return paths
    .map((path) => {
      try {
        const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
        return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
      } catch (error) {
        return errorCode(error) ?? 'none';
      }
    })
    .join('\n');
}
