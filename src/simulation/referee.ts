/**
 * The referee: looks at every step of every server and at every message, and stops the simulation
 * at the first one that breaks an invariant (Figure 3, and what follows from it).
 *
 * It reads disks, messages and states, never what servers say of themselves, and looks only at what
 * has changed: its cost per event does not grow with the logs.
 */

import type { Effect } from '../../machines/rules/effects.ts';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import { hasOneLeaderPerTerm, logsMatch } from '../../machines/rules/properties.ts';
import { followerOf } from '../../machines/rules/replication.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import type { Role } from '../../machines/server.ts';
import type { SnapshotHeader } from '../formats/snapshot-header.ts';
import type { WriteBatch } from '../ports/storage.ts';
import { checkApplied, checkCommitment, checkStillOnQuorum } from './referee/commitment.ts';
import { type RefereeContext, type ServerStep, viewOf } from './referee/context.ts';
import { checkDurableBeforeSend } from './referee/durable-before-send.ts';
import { checkElections } from './referee/elections.ts';
import { type RefereeCounts, RefereeHistory } from './referee/history.ts';
import { checkLogs, checkNewEntries } from './referee/logs.ts';
import { readableDurable, ServerView } from './referee/server-view.ts';
import {
  type InvariantName,
  PropertyViolation,
  type ViolationContext,
} from './referee/violation.ts';
import type { DiskState } from './stored-state.ts';
import { TextHash } from './text-hash.ts';

const PRUNE_EVERY = 1024;

export class Referee {
  readonly #context: RefereeContext;
  readonly #history = new RefereeHistory();
  readonly #circumstances: () => Omit<ViolationContext, 'states'>;
  #violation: PropertyViolation | null = null;
  #untilPruning = PRUNE_EVERY;
  /** Since the last audit. */
  #steps = 0;

  constructor(ids: readonly ServerId[], circumstances: () => Omit<ViolationContext, 'states'>) {
    this.#circumstances = circumstances;
    this.#context = {
      views: [...ids].sort().map((id) => new ServerView(id)),
      history: this.#history,
      violate: this.violate,
    };
  }

  /** The first violation, if there was one. */
  get violation(): PropertyViolation | null {
    return this.#violation;
  }

  /** How much it has looked at so far. */
  counts(): RefereeCounts {
    return { ...this.#history.tally, termsLed: this.#history.leaders.size };
  }

  readonly violate = (invariant: InvariantName, sentence: string): void => {
    this.#violation ??= new PropertyViolation(invariant, sentence, {
      ...this.#circumstances(),
      states: this.stateTable(),
    });
  };

  /** A server has taken a step, or begun. */
  onState(id: ServerId, after: ServerState, role: Role): void {
    const view = this.#view(id);
    const before = view.state;
    if (after === before && role === view.role) return;
    this.#steps += 1;
    const isSameLog = before !== null && after.log === before.log;
    const logChange = isSameLog ? null : view.log.follow(after.log, this.#history.prefixAt);
    const roleBefore = view.role;
    const hasLed = roleBefore === 'leader' && before?.currentTerm === after.currentTerm;
    const { views, history, violate } = this.#context;
    // Written out: copying an object costs many times as much, and this happens at every event.
    const step: ServerStep = {
      views,
      history,
      violate,
      view,
      before,
      roleBefore,
      after,
      role,
      hasLed,
      logChange,
    };
    if (before === null) view.lastAppliedSeen = Math.max(after.lastApplied, after.commitIndex);
    view.state = after;
    view.role = role;
    checkElections(step);
    checkLogs(step);
    checkCommitment(step);
    checkApplied(view, this.#context);
    if (logChange !== null) this.#prune();
  }

  /** What the actor that feeds a follower believes, after a step of its leader. */
  onProgress(id: ServerId, follower: ServerId, context: unknown): void {
    checkProgress(this.#view(id), follower, context, this.#context);
  }

  /** A snapshot has come into force on a disk. */
  onSnapshot(id: ServerId, header: SnapshotHeader): void {
    checkSessions(id, header, this.#context);
  }

  onEffect(id: ServerId, effect: Effect): void {
    if (effect.type === 'apply' || effect.type === 'restore')
      this.#view(id).effectsOfStep.push(effect);
  }

  /** A message leaves its sender. */
  onSend(message: Message): void {
    const { views, history, violate } = this.#context;
    checkDurableBeforeSend(message, { views, history, violate, view: this.#view(message.from) });
  }

  /** A write has become durable; `batch` is null for a disk as it was made. */
  onDurable(id: ServerId, state: DiskState, batch: WriteBatch | null): void {
    const view = this.#view(id);
    this.#checkHardState(view, state);
    const { term, votedFor, snapshot } = state;
    view.durable = { term, votedFor, snapshotIndex: snapshot?.index ?? 0 };
    const movesLog =
      batch === null ||
      batch.entries.length > 0 ||
      batch.truncateFrom !== null ||
      batch.base !== null;
    if (!movesLog) return;
    const change = view.durableLog.follow(readableDurable(state), this.#history.prefixAt);
    checkNewEntries(view, view.durableLog, change, this.#context);
    if (change.truncatedFrom === null || change.truncatedFrom > this.#history.lastCommitted) return;
    checkStillOnQuorum(view, this.#context);
  }

  onStorageFailed(id: ServerId): void {
    this.#view(id).hasFailed = true;
  }

  onCrash(id: ServerId): void {
    this.#view(id).crash();
  }

  onStart(id: ServerId): void {
    this.#view(id).startAgain();
  }

  /** The audit, when about as much has happened since the last one as it has to look at. */
  auditIfDue(): void {
    const size = this.#context.views.reduce(
      (sum, { log }) => sum + log.lastIndex - log.base.index,
      0,
    );
    if (this.#steps < size) return;
    this.#steps = 0;
    this.audit();
  }

  /** Looks at the whole of every log, as Figure 3 has it: the slow way, to be sure of the quick one. */
  audit(): void {
    const leaders = [...this.#history.leaders].map(([term, id]) => ({ id, term }));
    if (!hasOneLeaderPerTerm(leaders)) this.violate('Election Safety', 'found by the audit');
    const running = this.#context.views.filter(({ state }) => state !== null);
    for (const a of running) {
      for (const b of running) {
        if (a.id >= b.id || a.state === null || b.state === null) continue;
        if (!logsMatch(a.state.log, b.state.log)) {
          this.violate(
            'Log Matching',
            `the audit found that the logs of ${a.id} and ${b.id} differ`,
          );
        }
      }
    }
  }

  #view(id: ServerId): ServerView {
    const view = viewOf(this.#context, id);
    if (view === undefined) throw new TypeError(`There is no server ${id} in this simulation`);
    return view;
  }

  #checkHardState(view: ServerView, { term, votedFor }: DiskState): void {
    const { durable } = view;
    if (term < durable.term) {
      this.violate(
        'Term Never Falls',
        `the disk of ${view.id} held term ${durable.term}, and now holds ${term}`,
      );
    }
    if (term === durable.term && durable.votedFor !== null && votedFor !== durable.votedFor) {
      this.violate(
        'One Vote Per Term',
        `the disk of ${view.id} held a vote for ${durable.votedFor} in term ${term}, and now holds ` +
          `one for ${votedFor ?? 'nobody'}`,
      );
    }
  }

  /** From time to time, forgets what lies below every log, in memory and on disk. */
  #prune(): void {
    this.#untilPruning -= 1;
    if (this.#untilPruning > 0) return;
    this.#untilPruning = PRUNE_EVERY;
    const bases = this.#context.views.flatMap(({ log, durableLog, state }) =>
      state === null ? [durableLog.base.index] : [durableLog.base.index, log.base.index],
    );
    this.#history.pruneBelow(Math.min(...bases));
  }

  /** What every server holds, for people. */
  stateTable(): string {
    const heading = 'server  role       term  vote  commit  applied  log          disk';
    const rows = this.#context.views.map(({ id, role, state, log, durable, durableLog }) => {
      const cells = [
        id.padEnd(6),
        (state === null ? 'down' : role).padEnd(9),
        String(state?.currentTerm ?? durable.term).padStart(4),
        (state === null ? durable.votedFor : state.votedFor)?.padStart(4) ?? '   –',
        String(state?.commitIndex ?? '–').padStart(6),
        String(state?.lastApplied ?? '–').padStart(7),
        `${log.base.index}‥${log.last.index}/t${log.last.term}`.padEnd(11),
        `${durableLog.base.index}‥${durableLog.last.index}/t${durableLog.last.term}`,
      ];
      return cells.join('  ');
    });
    return [heading, ...rows].join('\n');
  }
}

/**
 * What a leader's replication actors believe of their followers (Figure 2, `nextIndex`): invariant 15.
 *
 * @param context a replication actor's; tests put other actors in its place, which believe nothing
 */
function checkProgress(
  { id, state }: ServerView,
  followerId: string,
  context: unknown,
  { violate }: RefereeContext,
): void {
  const { nextIndex, matchIndex } = (context ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof nextIndex !== 'number' || typeof matchIndex !== 'number') return;
  if (!state?.leadership) return;
  const { lastIndex } = state.log;
  const known = followerOf(state, followerId)?.matchIndex ?? 0;
  if (matchIndex <= known && matchIndex < nextIndex && nextIndex <= lastIndex + 1) return;
  violate(
    'Next Index',
    `the replication actor of leader ${id} for ${followerId} has matchIndex ${matchIndex} and ` +
      `nextIndex ${nextIndex}; the leader knows of ${known}, and its log ends at ${lastIndex}`,
  );
}

/** Sessions are replicated state (§8): snapshots at one index hold the same ones. Invariant 20. */
function checkSessions(
  id: ServerId,
  { index, time, sessions }: SnapshotHeader,
  { history, violate }: RefereeContext,
): void {
  const hash = new TextHash();
  hash.add(`${time} `);
  hash.addBytes(sessions);
  const digest = hash.toString();
  const known = history.sessions.get(index);
  if (known === undefined) history.sessions.set(index, { digest, by: id });
  else if (known.digest !== digest) {
    violate(
      'Snapshot Equals State',
      `the snapshots at ${index} of servers ${known.by} and ${id} hold other sessions, or another time`,
    );
  }
}
