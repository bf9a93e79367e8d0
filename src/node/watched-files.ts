/**
 * Files that are replaced while a server runs: keys, certificates, tokens. They are checked every
 * two seconds and read again when they have changed, so that renewing one takes no restart and no
 * signal (SIGHUP stops a server). When they cannot be read, what was read before stays in use, and
 * the failure is reported.
 */
import { statSync } from 'node:fs';
import type { Clock } from '../ports/clock.ts';
import { errorCode } from './files.ts';
import { realClock } from './real-time.ts';

/** Well within the ten seconds in which a change is promised to count. */
export const WATCH_INTERVAL_MS = 2_000;

export interface Watched<Value> {
  /** As it was read last. */
  readonly value: Value;
  /** At once, without waiting for the interval. */
  check(): void;
  stop(): void;
}

interface WatchOptions<Value> {
  readonly paths: readonly string[];
  /** Reads all of them. @throws an Error whose message is a sentence for people. */
  read(): Value;
  /** They changed, and could be read. */
  readonly onChanged?: (value: Value) => void;
  /** They changed, and could not be read: what was read before still counts. */
  readonly onFailed?: (message: string) => void;
  readonly clock?: Clock | undefined;
  readonly intervalMs?: number | undefined;
}

/** @throws what `read` throws */
export function watchFiles<Value>(options: WatchOptions<Value>): Watched<Value> {
  const { paths, read, onChanged, onFailed } = options;
  const { clock = realClock, intervalMs = WATCH_INTERVAL_MS } = options;
  let seen = stateOf(paths);
  let value = read();
  /** It is tried again then: it may become valid, or there may be descriptors again. */
  let isUnread = false;
  const check = () => {
    const found = stateOf(paths);
    const isChanged = found !== seen;
    if (!isChanged && !isUnread) return;
    seen = found;
    try {
      value = read();
      isUnread = false;
    } catch (error) {
      isUnread = true;
      if (isChanged) onFailed?.(error instanceof Error ? error.message : String(error));
      return;
    }
    onChanged?.(value);
  };
  const stop = every(clock, intervalMs, check);
  return {
    get value() {
      return value;
    },
    check,
    stop,
  };
}

/** Calls back until it is stopped by what is returned; does not keep the process alive. */
export function every(clock: Clock, intervalMs: number, callback: () => void): () => void {
  let timer: unknown;
  const wait = () => {
    timer = clock.setTimeout(() => {
      wait();
      callback();
    }, intervalMs);
    (timer as { unref?: () => void }).unref?.();
  };
  wait();
  return () => clock.clearTimeout(timer);
}

/** Changes whenever one of them is written, replaced or removed. */
function stateOf(paths: readonly string[]): string {
  const states = paths.map((path) => {
    try {
      const { ino, size, mtimeNs, ctimeNs } = statSync(path, { bigint: true });
      return `${ino} ${size} ${mtimeNs} ${ctimeNs}`;
    } catch (error) {
      return errorCode(error) ?? 'none';
    }
  });
  return states.join('\n');
}
