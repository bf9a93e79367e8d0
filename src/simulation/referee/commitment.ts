/** What is committed and applied (§5.3, §5.4): invariants 5, 6, 7, 9, 10, 13, 15 and 20. */
import type { Entry, LogIndex } from '../../../machines/rules/entries.ts';
import { hasQuorum } from '../../../machines/rules/quorum.ts';
import { holdersOf, type RefereeContext, type ServerStep, viewOf } from './context.ts';
import { entryHash } from './prefix-hash.ts';
import type { ServerView } from './server-view.ts';

export function checkCommitment(step: ServerStep): void {
  checkMonotone(step);
  checkBelievedDurable(step);
  if (step.role === 'leader') {
    checkComplete(step);
    checkMatchIndexes(step);
  }
  const committedBefore = step.before?.commitIndex ?? 0;
  if (step.after.commitIndex > committedBefore) noteCommitted(step, committedBefore);
  if (step.after.snapshot !== step.before?.snapshot) checkSnapshot(step);
}

function checkMonotone({ view, before, after, violate }: ServerStep): void {
  const snapshotIndex = after.snapshot?.index ?? 0;
  const { commitIndex, lastApplied, log } = after;
  const isOrdered =
    snapshotIndex <= commitIndex && lastApplied <= commitIndex && commitIndex <= log.lastIndex;
  const fell =
    before !== null &&
    (commitIndex < before.commitIndex ||
      lastApplied < before.lastApplied ||
      snapshotIndex < (before.snapshot?.index ?? 0));
  if (isOrdered && !fell) return;
  const was =
    before === null ? 'nothing' : `commit ${before.commitIndex}, applied ${before.lastApplied}`;
  violate(
    'Indexes Never Fall',
    `server ${view.id} has snapshot ${snapshotIndex}, applied ${lastApplied}, commit ${commitIndex}, ` +
      `last ${log.lastIndex}; before it had ${was}`,
  );
}

/** What a server believes to be on its disk is on its disk. */
function checkBelievedDurable({ view, before, after, violate }: ServerStep): void {
  const { durableIndex } = after.writes;
  const own = after.leadership?.ownMatchIndex ?? 0;
  const isNew = after.writes !== before?.writes || own !== (before?.leadership?.ownMatchIndex ?? 0);
  const believed = Math.max(durableIndex, own);
  if (!isNew || believed <= view.durableLog.lastIndex) return;
  violate(
    'Committed Is Durable',
    `server ${view.id} counts its own entry ${believed} as stored, ` +
      `but its disk ends at ${view.durableLog.lastIndex}`,
  );
}

function checkComplete({ view, after, hasLed, history, violate }: ServerStep): void {
  if (hasLed) return;
  const { committed, lastCommitted, tally } = history;
  tally.leadersCompared += 1;
  let index = lastCommitted;
  while (index > 0 && (committed.get(index)?.inTerm ?? 0) >= after.currentTerm) index -= 1;
  const entry = committed.get(index);
  if (entry === undefined || view.log.holds(index, entry.prefix)) return;
  violate(
    'Leader Completeness',
    `(${index}, term ${entry.term}) was committed by ${entry.by} in term ${entry.inTerm}, ` +
      `and the leader of term ${after.currentTerm}, ${view.id}, does not hold it`,
  );
}

function noteCommitted(step: ServerStep, committedBefore: LogIndex): void {
  const { view, after, history, violate } = step;
  const first = Math.max(committedBefore, view.log.base.index - 1) + 1;
  for (let index = first; index <= after.commitIndex; index += 1) {
    const prefix = view.log.prefixAt(index);
    const term = view.log.termAt(index);
    if (prefix === null || term === undefined || index === 0) continue;
    const known = history.committed.get(index);
    if (known === undefined) {
      const { currentTerm: inTerm, log } = after;
      const { configuration } = log;
      history.committed.set(index, { term, prefix, inTerm, by: view.id, configuration });
    } else if (known.prefix !== prefix) {
      violate(
        'State Machine Safety',
        `servers ${view.id} and ${known.by} have committed different entries at or before ${index}: ` +
          `terms ${term} and ${known.term}`,
      );
    }
  }
  checkQuorumLog(step, committedBefore);
  checkLeadersAreComplete(step);
  history.lastCommitted = Math.max(history.lastCommitted, after.commitIndex);
}

/** Entries that are newly known to be committed are on the disks of a majority, at this instant. */
function checkQuorumLog(step: ServerStep, committedBefore: LogIndex): void {
  const { view, after, role, before, roleBefore, history, violate } = step;
  const { commitIndex, log, currentTerm } = after;
  const prefix = view.log.prefixAt(commitIndex);
  const isFirst = commitIndex > history.lastCommitted;
  const isAdvance = role === 'leader' && roleBefore === 'leader' && before !== null;
  if (isAdvance && view.log.termAt(commitIndex) !== currentTerm) {
    violate(
      'Commit Rule',
      `leader ${view.id} of term ${currentTerm} advanced its commit index from ${committedBefore} to ` +
        `${commitIndex}, an entry of term ${view.log.termAt(commitIndex)}`,
    );
  }
  if (prefix === null || !(isFirst || isAdvance)) return;
  const holders = holdersOf(step, commitIndex, prefix);
  if (hasQuorum(log.configuration, holders)) return;
  violate(
    isAdvance ? 'Commit Rule' : 'Quorum Log',
    `server ${view.id} takes ${commitIndex} for committed, but only the disks of ` +
      `[${holders.join(', ')}] hold it`,
  );
}

/** Also what becomes known late is in the logs of those who lead later terms. */
function checkLeadersAreComplete({ view, after, views, history, violate }: ServerStep): void {
  const prefix = view.log.prefixAt(after.commitIndex);
  if (prefix === null) return;
  for (const leader of views) {
    const term = leader.state?.currentTerm ?? 0;
    if (!leader.isLeader || term <= after.currentTerm) continue;
    history.tally.leadersCompared += 1;
    if (leader.log.holds(after.commitIndex, prefix)) continue;
    violate(
      'Leader Completeness',
      `entry ${after.commitIndex} was committed by ${view.id} in term ${after.currentTerm}, ` +
        `and the leader of term ${term}, ${leader.id}, does not hold it`,
    );
  }
}

/** Called when a disk lost entries: what is committed stays on a majority of disks. */
export function checkStillOnQuorum(view: ServerView, context: RefereeContext): void {
  const index = context.history.lastCommitted;
  const entry = context.history.committed.get(index);
  if (entry === undefined) return;
  const holders = holdersOf(context, index, entry.prefix);
  if (hasQuorum(entry.configuration, holders)) return;
  context.violate(
    'Quorum Log',
    `the disk of ${view.id} has lost entries; of the committed prefix through ${index} only ` +
      `[${holders.join(', ')}] hold everything`,
  );
}

function checkMatchIndexes(step: ServerStep): void {
  const { view, before, after, hasLed, violate } = step;
  if (!hasLed) view.matchIndexes.clear();
  if (after.leadership === before?.leadership) return;
  for (const { id, matchIndex } of after.leadership?.followers ?? []) {
    const known = view.matchIndexes.get(id) ?? 0;
    if (matchIndex === known) continue;
    view.matchIndexes.set(id, matchIndex);
    const prefix = view.log.prefixAt(matchIndex);
    const follower = viewOf(step, id);
    // An answer that was long on its way: who follows a later leader may have replaced what it stored.
    const isReleased = (follower?.durable.term ?? 0) > after.currentTerm;
    const isStored =
      prefix === null || isReleased || follower?.durableLog.holds(matchIndex, prefix) === true;
    if (matchIndex > known && matchIndex <= view.log.lastIndex && isStored) continue;
    violate(
      'Match Index',
      `leader ${view.id} of term ${after.currentTerm} has matchIndex ${matchIndex} for ${id}, before ` +
        `${known}; the leader's log ends at ${view.log.lastIndex}, the disk of ${id} at ` +
        `${follower?.durableLog.lastIndex}${isStored ? '' : ' with another prefix'}`,
    );
  }
}

/** A snapshot ends at a committed entry, and bears its term and the configuration of that time. */
function checkSnapshot({ view, after, history, violate }: ServerStep): void {
  const { snapshot, log } = after;
  if (snapshot === null) return;
  const committed = history.committed.get(snapshot.index);
  const configuration =
    snapshot.index >= log.base.index ? log.configurationAt(snapshot.index) : snapshot.configuration;
  const isSame = JSON.stringify(configuration) === JSON.stringify(snapshot.configuration);
  if ((committed === undefined || committed.term === snapshot.term) && isSame) return;
  violate(
    'Snapshot Equals State',
    `server ${view.id} holds snapshot ${snapshot.id} at (${snapshot.index}, term ${snapshot.term}); ` +
      `committed there is an entry of term ${committed?.term}${isSame ? '' : ', with other members'}`,
  );
}

/** What the step handed to the state machine: entries, or a snapshot that replaces its state. */
export function checkApplied(view: ServerView, context: RefereeContext): void {
  if (view.effectsOfStep.length === 0) return;
  for (const effect of view.effectsOfStep) {
    if (effect.type === 'restore') view.lastAppliedSeen = effect.snapshot.index;
    else checkAppliedEntries(view, effect.entries, context);
  }
  view.effectsOfStep = [];
}

/** Each server applies 1, 2, 3 … from its snapshot on, and every one the same entry at an index. */
function checkAppliedEntries(
  view: ServerView,
  entries: readonly Entry[],
  context: RefereeContext,
): void {
  for (const entry of entries) {
    const expected = view.lastAppliedSeen + 1;
    context.history.tally.entriesApplied += 1;
    if (entry.index !== expected) {
      context.violate(
        'State Machine Safety',
        `server ${view.id} applies entry ${entry.index} where entry ${expected} is due`,
      );
    }
    const committed = context.history.committed.get(entry.index);
    const own = view.log.entryAt(entry.index);
    const isCommitted = committed === undefined || committed.term === entry.term;
    const isOwn = own === undefined || entryHash(own) === entryHash(entry);
    if (!isCommitted || !isOwn) {
      context.violate(
        'State Machine Safety',
        `server ${view.id} applies (${entry.index}, term ${entry.term}); committed there is an entry ` +
          `of term ${committed?.term} (by ${committed?.by})`,
      );
    }
    view.lastAppliedSeen = entry.index;
  }
}
