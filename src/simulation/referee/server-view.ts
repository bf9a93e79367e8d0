/** One server as the referee sees it: its state after its last step, and what its disk holds. */

import type { Apply, Restore } from '../../../machines/rules/effects.ts';
import type { LogIndex, ServerId, Term } from '../../../machines/rules/entries.ts';
import type { ServerState } from '../../../machines/rules/state.ts';
import type { Role } from '../../../machines/server.ts';
import type { DiskState } from '../stored-state.ts';
import type { RunName } from './history.ts';
import { TrackedLog } from './tracked-log.ts';

export interface DurableState {
  readonly term: Term;
  readonly votedFor: ServerId | null;
  readonly snapshotIndex: LogIndex;
}

export class ServerView {
  readonly id: ServerId;
  /** In memory. */
  log = new TrackedLog();
  /** On disk. */
  readonly durableLog = new TrackedLog();
  durable: DurableState = { term: 0, votedFor: null, snapshotIndex: 0 };
  state: ServerState | null = null;
  role: Role = 'follower';
  runs = 1;
  /** Its storage has failed: from then on it is silent. */
  hasFailed = false;
  /** The last entry handed to its state machine in this run. */
  lastAppliedSeen: LogIndex = 0;
  /** Effects of the present step: they are told before the state that they follow from. */
  effectsOfStep: (Apply | Restore)[] = [];
  readonly matchIndexes = new Map<ServerId, LogIndex>();

  constructor(id: ServerId) {
    this.id = id;
  }

  get runName(): RunName {
    return `${this.id} (life ${this.runs})`;
  }

  get isLeader(): boolean {
    return this.role === 'leader' && this.state !== null;
  }

  startAgain(): void {
    this.runs += 1;
    this.state = null;
    this.role = 'follower';
    this.log = new TrackedLog();
    this.hasFailed = false;
    this.lastAppliedSeen = 0;
    this.effectsOfStep = [];
    this.matchIndexes.clear();
  }

  crash(): void {
    this.state = null;
    this.role = 'follower';
  }
}

/** The disk's state as a log that an account can follow. */
export function readableDurable(state: DiskState) {
  return {
    base: state.base,
    lastIndex: state.base.index + state.entries.length,
    entryAt: (index: LogIndex) => state.entries[index - state.base.index - 1],
  };
}
