/** What a server reports for monitoring: figures, and whether it can serve. */
/** One figure of a server, as a plain number: for whatever collects them. */
export interface Metric {
  /** With its unit at the end, as Prometheus has it: `raft_wal_write_seconds_total`. */
  readonly name: string;
  /** A counter only grows while the server runs, and begins at 0 with it. */
  readonly kind: 'gauge' | 'counter';
  /** What one of the value is; a boolean is 0 or 1. */
  readonly unit:
    | 'boolean'
    | 'term'
    | 'index'
    | 'snapshots'
    | 'entries'
    | 'writes'
    | 'changes'
    | 'commands'
    | 'seconds'
    | 'bytes';
  /** One sentence for people. */
  readonly help: string;
  readonly value: number;
  /** What tells figures of the same name apart: `{ peer: 'b' }`. Mostly empty. */
  readonly labels: Readonly<Record<string, string>>;
}

/** One of the questions whose answers make a server ready or not. */
export interface ReadinessCheck {
  /** `running`, `leader_known`, `caught_up`, `storage_writable`, `member` or `accepting`. */
  readonly name: string;
  /** Why it fails, for people; null when all is well. */
  readonly reason: string | null;
}

/** Whether a server can serve just now: for load balancers and orchestrators. */
export interface Readiness {
  /** Whether no check fails. */
  readonly isReady: boolean;
  readonly checks: readonly ReadinessCheck[];
}
