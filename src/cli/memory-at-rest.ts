/**
 * Returns memory to the operating system after a burst. Two things would hold it: V8 collects garbage
 * only when it allocates, so that the garbage of the last requests stays; and glibc, once a large
 * block was freed, takes the next ones from a heap that it can hardly shrink.
 */

/**
 * For the processes that we start: blocks of 32 KiB or more are returned when they are freed, as are
 * the chunks of large bodies. With a lower threshold, reads from sockets cost more page faults.
 */
export const MEMORY_ENVIRONMENT = { MALLOC_MMAP_THRESHOLD_: '32768' } as const;

const CHECK_INTERVAL_MS = 1_000;
/** Buffers are at rest when none was made or collected for this many checks: the log is cut by then. */
const CHECKS_AT_REST = 5;
const MEBIBYTE = 1024 * 1024;
/** Less is not worth a collection. */
const WORTH_BYTES = 8 * MEBIBYTE;
/** A large heap would take long to collect, and buffers matter less beside it. */
const HEAP_BYTES_MAX = 96 * MEBIBYTE;

export interface MemoryUse {
  readonly arrayBuffers: number;
  readonly heapUsed: number;
}

/** Decides, from one check to the next, when a collection is due. */
export class IdleMemory {
  /** The least that was ever held, or was left by the last collection. */
  #floor = Number.POSITIVE_INFINITY;
  #last = 0;
  #checks = 0;

  isCollectionDue({ arrayBuffers, heapUsed }: MemoryUse): boolean {
    const isAtRest = Math.abs(arrayBuffers - this.#last) < MEBIBYTE;
    this.#checks = isAtRest ? this.#checks + 1 : 0;
    this.#last = arrayBuffers;
    this.#floor = Math.min(this.#floor, arrayBuffers);
    const isWorthIt = arrayBuffers - this.#floor > WORTH_BYTES && heapUsed < HEAP_BYTES_MAX;
    return isWorthIt && this.#checks >= CHECKS_AT_REST;
  }

  collected({ arrayBuffers }: MemoryUse): void {
    this.#floor = arrayBuffers;
    this.#last = arrayBuffers;
    this.#checks = 0;
  }
}

/** Checks every second, as long as the process has anything else to do. */
export function returnMemoryAtRest(): void {
  const memory = new IdleMemory();
  const check = async () => {
    if (!memory.isCollectionDue(process.memoryUsage())) return;
    await collect();
    memory.collected(process.memoryUsage());
  };
  setInterval(check, CHECK_INTERVAL_MS).unref();
}

/**
 * One ordinary collection of everything, which V8 offers to those who ask for the flag. That of a
 * debugger's button collects several times in a row, and gives up compiled code and room that the next
 * call needs again.
 */
export async function collect(): Promise<void> {
  // The supervisor needs none of it.
  const [{ setFlagsFromString }, { runInNewContext }] = await Promise.all([
    import('node:v8'),
    import('node:vm'),
  ]);
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  return new Promise((resolve) => setImmediate(() => resolve(gc())));
}
