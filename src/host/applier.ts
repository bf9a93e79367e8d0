/**
 * Applies what is committed (Figure 2, "All Servers"; §5.3), off the protocol's path: batch after
 * batch, in order, with restores of snapshots in between (§7). A long batch is cut into slices, so
 * that messages and timers get their turn.
 */

import type { Entry, LogIndex } from '../../machines/rules/entries.ts';
import { InvariantViolation } from '../../machines/rules/invariant.ts';
import { decodeSettings } from '../../machines/rules/sessions.ts';
import type { SnapshotPointer } from '../../machines/rules/state.ts';
import type { AppliedEntry } from '../ports/state-machine.ts';
import type { AppliedOutcome, Calls } from './calls.ts';
import { applied, type Commands } from './commands.ts';
import type { Turns } from './host-options.ts';
import { refusedByBound, type SessionTable } from './session-table.ts';

export const SLICE_ENTRIES_MAX = 256;

interface Restore {
  readonly snapshot: SnapshotPointer;
  readonly restore: () => Promise<void>;
}

/** A committed batch and how far it is applied. */
interface Batch {
  readonly entries: readonly Entry[];
  applied: number;
}

export interface ApplierOptions {
  readonly commands: Commands;
  readonly sessions: SessionTable;
  readonly calls: Pick<Calls, 'applied' | 'isAwaited' | 'passedBySnapshot'>;
  readonly leader: () => string | null;
  readonly defer: (callback: () => void) => void;
  /** Between two slices of a batch, and two batches. */
  readonly turns: Turns;
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
  #exact: { readonly index: LogIndex; readonly callback: () => void } | null = null;

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

  /** After everything that waits. */
  restore(restore: Restore): void {
    this.#restores += 1;
    this.#add(restore);
  }

  /** Runs the callback once the state reflects `index`, and no restore is under way. */
  whenApplied(index: LogIndex, callback: () => void): void {
    if (this.#last.index >= index && this.#restores === 0) callback();
    else this.#waiting.push({ index, callback });
  }

  /**
   * Runs the callback when the state reflects everything through `index` and nothing more; never if it
   * is past that already. One at a time: the next call replaces one that still waits.
   */
  atIndex(index: LogIndex, callback: () => void): void {
    this.#exact = { index, callback };
    this.#checkExact();
  }

  #checkExact(): void {
    if (this.#exact === null || this.#exact.index !== this.#last.index || this.#restores > 0)
      return;
    const { callback } = this.#exact;
    this.#exact = null;
    callback();
  }

  stop(): void {
    this.#isStopped = true;
    this.#jobs = [];
    this.#exact = null;
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
    if (this.#jobs.length > 0) this.#options.turns.next(() => this.#next());
    else this.#isRunning = false;
  }

  #applySlice(batch: Batch): void {
    const slice = this.#options.turns.sliceEntriesMax();
    const end = Math.min(batch.applied + slice, batch.entries.length);
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
    if (this.#exact !== null) this.#checkExact();
  }

  #outcomeOf(entry: Entry): AppliedOutcome {
    const { commands, sessions } = this.#options;
    switch (entry.type) {
      case 'command':
        return entry.session === undefined
          ? commands.apply(entry)
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
    const { commands, sessions } = this.#options;
    const judged = sessions.checkDuplicate(session, entry);
    switch (judged.verdict) {
      case 'apply': {
        const outcome = commands.apply(entry);
        sessions.keep(session, commands.answerOf(entry, outcome));
        return outcome;
      }
      case 'repeat':
        return commands.repeated(judged.answer);
      default:
        return { outcome: 'refused', reason: judged.verdict };
    }
  }

  #restore({ snapshot, restore }: Restore): void {
    restore().then(
      () => {
        if (this.#isStopped) return;
        const { index, term, time } = snapshot;
        this.#restores -= 1;
        this.#last = { index, term, time };
        this.#options.calls.passedBySnapshot(index);
        this.#checkExact();
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
