/**
 * Applies what is committed (Figure 2, "All Servers"; §5.3), off the protocol's path: batch after
 * batch, in order, with restores of snapshots in between (§7). A long batch is cut into slices, so
 * that messages and timers get their turn.
 */

import {
  type Entry,
  type EntryPosition,
  type LogIndex,
  NO_BYTES,
  type ServerId,
} from '../../machines/rules/entries.ts';
import { InvariantViolation } from '../../machines/rules/invariant.ts';
import { decodeSettings, type KeptAnswer } from '../../machines/rules/sessions.ts';
import type { SnapshotPointer } from '../../machines/rules/state.ts';
import type { AppliedEntry, Codec, StateMachine } from '../ports/state-machine.ts';
import type { AppliedOutcome, Calls } from './calls.ts';
import {
  applyFailed,
  type CommandError,
  commandRefused,
  commandUnreadable,
  isOfThisServer,
  resultUnwritable,
} from './command-error.ts';
import type { Turns } from './host-options.ts';
import { refusedByBound, type SessionTable } from './session-table.ts';

export const SLICE_ENTRIES_MAX = 256;

interface Restore {
  readonly snapshot: SnapshotPointer;
  readonly restore: () => Promise<void>;
}

/** A committed batch, and how much of it is applied. */
interface Batch {
  readonly entries: readonly Entry[];
  applied: number;
}

/** The same for a first answer and for a repeat: what was thrown is known to this server only. */
const COMMAND_FAILED: AppliedOutcome = {
  outcome: 'refused',
  reason: 'command-failed',
  message: 'the state machine threw at this command, and its state is as before it',
};

const ANSWER_UNREADABLE: AppliedOutcome = {
  outcome: 'refused',
  reason: 'answer-discarded',
  message: 'it was applied, and the codec of this server cannot read the answer that was kept',
};

export interface ApplierOptions {
  readonly id: ServerId;
  readonly stateMachine: StateMachine;
  readonly commands: Codec<unknown>;
  readonly results: Codec<unknown>;
  readonly sessions: SessionTable;
  readonly calls: Pick<Calls, 'applied' | 'isAwaited' | 'passedBySnapshot'>;
  readonly leader: () => string | null;
  readonly defer: (callback: () => void) => void;
  /** Between two slices of a batch, and two batches. */
  readonly turns: Turns;
  readonly onApplied: (index: LogIndex) => void;
  /** A command was refused, since the state machine threw at it. */
  readonly onRefused: (error: CommandError) => void;
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
  #refused = 0;

  constructor(options: ApplierOptions) {
    this.#options = options;
  }

  /** The last entry that the state reflects. */
  get last(): AppliedEntry {
    return this.#last;
  }

  /** Commands at which the state machine threw, and which were refused for it. */
  get refused(): number {
    return this.#refused;
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
  }

  #outcomeOf(entry: Entry): AppliedOutcome {
    const { sessions } = this.#options;
    switch (entry.type) {
      case 'command':
        return entry.session === undefined
          ? this.#applyCommand(entry)
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
    const { sessions } = this.#options;
    const judged = sessions.judge(session, entry);
    switch (judged.verdict) {
      case 'apply': {
        const outcome = this.#applyCommand(entry);
        sessions.keep(session, this.#answerOf(entry, outcome));
        return outcome;
      }
      case 'repeat':
        return this.repeated(judged.answer);
      default:
        return { outcome: 'refused', reason: judged.verdict };
    }
  }

  #answerOf(entry: Entry, outcome: AppliedOutcome): KeptAnswer {
    const { index, term, sequence = 0 } = entry;
    const place = { sequence, index, term };
    if (outcome.outcome === 'refused') {
      return { ...place, bytes: NO_BYTES, refusal: 'command-failed' };
    }
    try {
      return { ...place, bytes: this.#options.results.encode(outcome.result) };
    } catch (cause) {
      throw resultUnwritable(this.#options.id, entry, cause);
    }
  }

  /** Nothing that is replicated depends on whether this server can read what it has kept. */
  repeated(answer: KeptAnswer): AppliedOutcome {
    if (answer.refusal !== undefined) return COMMAND_FAILED;
    try {
      return applied(answer, this.#options.results.decode(answer.bytes));
    } catch {
      return ANSWER_UNREADABLE;
    }
  }

  #applyCommand(entry: Entry): AppliedOutcome {
    const { id: server, stateMachine } = this.#options;
    const { index, term, time } = entry;
    const command = this.#commandOf(entry);
    try {
      return applied(entry, stateMachine.apply(command, { index, term, time }));
    } catch (cause) {
      const { isTransactional = false } = stateMachine;
      const thrown = { server, entry, command, cause };
      if (!isTransactional || isOfThisServer(cause)) throw applyFailed(thrown, isTransactional);
      this.#refused += 1;
      this.#options.onRefused(commandRefused(thrown));
      return COMMAND_FAILED;
    }
  }

  #commandOf(entry: Entry): unknown {
    try {
      return this.#options.commands.decode(entry.bytes);
    } catch (cause) {
      throw commandUnreadable(this.#options.id, entry, cause);
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
