/** How long requests in streams take, and how they end: kept so that counting one costs little. */

/** In seconds. */
export const DURATION_BUCKETS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];

export type StreamOperation =
  | 'put'
  | 'append'
  | 'delete'
  | 'get'
  | 'list'
  | 'open_session'
  | 'close_session';

interface Durations {
  readonly operation: StreamOperation;
  /** `ok`, or the code of a failure. */
  readonly code: string;
  /** Not cumulative: each request is in one bucket, the last one is for all longer ones. */
  readonly counts: number[];
  sum: number;
}

const NAME = 'stream_request_duration_seconds';
const HELP = 'From the arrival of a request in a stream until it is answered.';

export class StreamFigures {
  /** Connections that have said hello. */
  connections = 0;
  /** A write was refused by what would be 5xx over HTTP, or nobody knows what became of it. */
  onFailedWrite: () => void = () => {};
  readonly #durations = new Map<StreamOperation, Map<string, Durations>>();

  /** A request was answered. @param code - `ok`, or the code of the failure */
  observe(operation: StreamOperation, code: string, ms: number): void {
    let byCode = this.#durations.get(operation);
    if (byCode === undefined) {
      byCode = new Map();
      this.#durations.set(operation, byCode);
    }
    let durations = byCode.get(code);
    if (durations === undefined) {
      durations = { operation, code, counts: Array(DURATION_BUCKETS.length + 1).fill(0), sum: 0 };
      byCode.set(code, durations);
    }
    const seconds = ms / 1_000;
    let bucket = 0;
    while (seconds > (DURATION_BUCKETS[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
    durations.counts[bucket] = (durations.counts[bucket] ?? 0) + 1;
    durations.sum += seconds;
  }

  /** In the text format of Prometheus. */
  text(): string {
    const lines = [`# HELP ${NAME} ${HELP}`, `# TYPE ${NAME} histogram`];
    for (const byCode of this.#durations.values()) {
      for (const { operation, code, counts, sum } of byCode.values()) {
        const labels = `operation="${operation}",code="${code}"`;
        let total = 0;
        for (const [at, count] of counts.entries()) {
          total += count;
          const le = DURATION_BUCKETS[at] ?? '+Inf';
          lines.push(`${NAME}_bucket{le="${le}",${labels}} ${total}`);
        }
        lines.push(`${NAME}_sum{${labels}} ${sum}`, `${NAME}_count{${labels}} ${total}`);
      }
    }
    return `${lines.join('\n')}\n`;
  }
}
