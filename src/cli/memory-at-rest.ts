/**
 * Memory goes back to the operating system after a burst. Two things would hold it: V8 collects when
 * it allocates, so that whatever was garbage when the last request was answered stays; and glibc,
 * once a large block was freed, takes the next ones from a heap that it can hardly give back.
 */
import { Session } from 'node:inspector';

/**
 * For a process that is started by us: blocks from 32 KiB on are given back when they are freed, as
 * are the pieces in which large bodies come. At less, reads from sockets cost more page faults.
 */
export const MEMORY_ENVIRONMENT = { MALLOC_MMAP_THRESHOLD_: '32768' } as const;

const LOOK_INTERVAL_MS = 1_000;
/** Buffers that are neither made nor collected for so many looks are at rest: the log is cut by then. */
const LOOKS_AT_REST = 5;
const MEBIBYTE = 1024 * 1024;
/** Less is not worth a collection, */
const WORTH_BYTES = 8 * MEBIBYTE;
/** and a large heap would take long: by then, what buffers hold on top of it matters less. */
const HEAP_BYTES_MAX = 96 * MEBIBYTE;

export interface MemoryUse {
  readonly arrayBuffers: number;
  readonly heapUsed: number;
}

/** Decides, from one look to the next, when a collection is due. */
export class Rest {
  /** What is held at least: as little as was ever seen, or was left by the last collection. */
  #floor = Number.POSITIVE_INFINITY;
  #last = 0;
  #looks = 0;

  isCollectionDue({ arrayBuffers, heapUsed }: MemoryUse): boolean {
    const isAtRest = Math.abs(arrayBuffers - this.#last) < MEBIBYTE;
    this.#looks = isAtRest ? this.#looks + 1 : 0;
    this.#last = arrayBuffers;
    this.#floor = Math.min(this.#floor, arrayBuffers);
    const isWorthIt = arrayBuffers - this.#floor > WORTH_BYTES && heapUsed < HEAP_BYTES_MAX;
    return isWorthIt && this.#looks >= LOOKS_AT_REST;
  }

  collected({ arrayBuffers }: MemoryUse): void {
    this.#floor = arrayBuffers;
    this.#last = arrayBuffers;
    this.#looks = 0;
  }
}

/** Looks every second, for as long as the process has anything else to do. */
export function returnMemoryAtRest(): void {
  const rest = new Rest();
  const look = async () => {
    if (!rest.isCollectionDue(process.memoryUsage())) return;
    await collect();
    rest.collected(process.memoryUsage());
  };
  setInterval(look, LOOK_INTERVAL_MS).unref();
}

/**
 * Collects garbage as a debugger's button does: V8 offers no other way without a flag. It skips the
 * collection when the session has disconnected by then; disconnecting inside the callback hangs.
 */
export function collect(): Promise<void> {
  const session = new Session();
  session.connect();
  return new Promise((resolve) => {
    session.post('HeapProfiler.collectGarbage', () =>
      setImmediate(() => {
        session.disconnect();
        resolve();
      }),
    );
  });
}
