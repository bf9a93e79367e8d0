/**
 * Applies what is committed (Figure 2, "All Servers"; §5.3), off the protocol's path: batch after
 * batch, in order, with restores of snapshots in between (§7). A long batch is cut into slices, so
 * that messages and timers get their turn.
 */

import type { Entry, EntryPosition, LogIndex } from '../../machines/rules/entries.ts';
import { InvariantViolation } from '../../machines/rules/invariant.ts';
import { decodeSettings } from '../../machines/rules/sessions.ts';
import type { SnapshotPointer } from '../../machines/rules/state.ts';
import type { AppliedEntry, Codec, StateMachine } from '../ports/state-machine.ts';
import type { AppliedOutcome, Calls } from './calls.ts';
import { refusedByBound, type SessionTable } from './session-table.ts';

const SLICE_ENTRIES = 256;

interface Restore {
  readonly snapshot: SnapshotPointer;
  readonly restore: () => Promise<void>;
}

/** A committed batch, and how much of it is applied. */
interface Batch {
  readonly entries: readonly Entry[];
  applied: number;
}

export interface ApplierOptions {
  readonly stateMachine: StateMachine;
  readonly commands: Codec<unknown>;
  readonly results: Codec<unknown>;
  readonly sessions: SessionTable;
  readonly calls: Pick<Calls, 'applied' | 'isAwaited' | 'passedBySnapshot'>;
  readonly leader: () => string | null;
  readonly defer: (callback: () => void) => void;
  readonly onApplied: (index: LogIndex) => void;
  readonly onFailed: (error: unknown) => void;
}

export class Applier {
  readonly #options: ApplierOptions;
  #jobs: (Batch | Restore)[] = [];
  #isRunning = false;
  #isStopped = false;
  #restores = 0;
  #waiting: { readonly index: LogIndex; readonly callback: () => void }[] = [];
  #last: AppliedEntry = { index: 0, term: 0, time: 0 };

  constructor(options: ApplierOptions) {
    this.#options = options;
  }

  /** The last entry that the state reflects. */
  get last(): AppliedEntry {
    return this.#last;
  }

  apply(entries: readonly Entry[]): void {
    this.#add({ entries, applied: 0 });
  }

  /** Behind everything that waits. */
  restore(restore: Restore): void {
    this.#restores += 1;
    this.#add(restore);
  }

  /** Runs the callback once the state reflects `index`, and no restore is under way. */
  whenApplied(index: LogIndex, callback: () => void): void {
    if (this.#last.index >= index && this.#restores === 0) callback();
    else this.#waiting.push({ index, callback });
  }

  stop(): void {
    this.#isStopped = true;
    this.#jobs = [];
    this.#waiting = [];
  }

  #add(job: Batch | Restore): void {
    if (this.#isStopped) return;
    this.#jobs.push(job);
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#options.defer(() => this.#next());
  }

  #next(): void {
    const job = this.#jobs[0];
    if (job === undefined || this.#isStopped) {
      this.#isRunning = false;
      return;
    }
    if ('snapshot' in job) {
      this.#jobs.shift();
      this.#restore(job);
      return;
    }
    try {
      this.#applySlice(job);
    } catch (error) {
      this.#options.onFailed(error);
      return;
    }
    if (job.applied === job.entries.length) this.#jobs.shift();
    if (this.#jobs.length > 0) this.#options.defer(() => this.#next());
    else this.#isRunning = false;
  }

  #applySlice(batch: Batch): void {
    const end = Math.min(batch.applied + SLICE_ENTRIES, batch.entries.length);
    for (; batch.applied < end; batch.applied += 1) {
      this.#applyEntry(batch.entries[batch.applied] as Entry);
    }
    this.#advanced();
  }

  #applyEntry(entry: Entry): void {
    const { index, time } = entry;
    const { calls, sessions, leader } = this.#options;
    if (index !== this.#last.index + 1) {
      throw new InvariantViolation(
        `Entry ${index} cannot be applied after ${this.#last.index}: each is applied once, in order (§5.3)`,
      );
    }
    sessions.expire(time);
    const outcome = this.#outcomeOf(entry);
    this.#last = entry;
    if (calls.isAwaited(index)) calls.applied(entry, outcome, leader());
  }

  #outcomeOf(entry: Entry): AppliedOutcome {
    const { sessions } = this.#options;
    switch (entry.type) {
      case 'command':
        return entry.session === undefined
          ? applied(entry, this.#applyCommand(entry))
          : this.#applyOnce(entry.session, entry);
      case 'openSession': {
        const bound = sessions.open(entry);
        if (bound !== null) {
          const message = refusedByBound(bound, sessions.settings);
          return { outcome: 'refused', reason: 'overloaded', message };
        }
        const { sessionExpiryMs: expiresAfterMs } = sessions.settings;
        return applied(entry, { session: entry.index, expiresAfterMs });
      }
      case 'closeSession':
        sessions.close(entry.session ?? 0);
        return applied(entry, null);
      case 'settings':
        sessions.settings = decodeSettings(entry.bytes);
        return applied(entry, null);
      case 'empty':
      case 'configuration':
        return applied(entry, null);
      default:
        throw new InvariantViolation(
          `Entry ${entry.index} (term ${entry.term}) has a type that this version does not know: ` +
            `"${String(entry.type)}". Run the version that wrote it, or a newer one`,
        );
    }
  }

  /** Exactly once (§8): a repeat gets the first answer. */
  #applyOnce(session: LogIndex, entry: Entry): AppliedOutcome {
    const { sessions, results } = this.#options;
    const judged = sessions.judge(session, entry);
    switch (judged.verdict) {
      case 'apply': {
        const result = this.#applyCommand(entry);
        const { index, term, sequence = 0 } = entry;
        sessions.keep(session, { sequence, index, term, bytes: results.encode(result) });
        return applied(entry, result);
      }
      case 'repeat': {
        return applied(judged.answer, results.decode(judged.answer.bytes));
      }
      default:
        return { outcome: 'refused', reason: judged.verdict };
    }
  }

  #applyCommand({ bytes, index, term, time }: Entry): unknown {
    const { stateMachine, commands } = this.#options;
    return stateMachine.apply(commands.decode(bytes), { index, term, time });
  }

  #restore({ snapshot, restore }: Restore): void {
    restore().then(
      () => {
        if (this.#isStopped) return;
        const { index, term, time } = snapshot;
        this.#restores -= 1;
        this.#last = { index, term, time };
        this.#options.calls.passedBySnapshot(index);
        this.#advanced();
        this.#next();
      },
      (error: unknown) => {
        if (!this.#isStopped) this.#options.onFailed(error);
      },
    );
  }

  #advanced(): void {
    this.#options.onApplied(this.#last.index);
    if (this.#restores > 0) return;
    const ready = this.#waiting.filter(({ index }) => index <= this.#last.index);
    if (ready.length === 0) return;
    this.#waiting = this.#waiting.filter(({ index }) => index > this.#last.index);
    for (const { callback } of ready) callback();
  }
}

function applied({ index, term }: EntryPosition, result: unknown): AppliedOutcome {
  return { outcome: 'applied', result, index, term };
}
