/** The shape and the agreement of logs (§5.3, §5.4): invariants 2, 3, 4, 8, 14 and 16. */
import { isAtLeastAsUpToDate } from '../../../machines/rules/entries.ts';
import type { RefereeContext, ServerStep } from './context.ts';
import type { ServerView } from './server-view.ts';
import type { LogChange, TrackedLog } from './tracked-log.ts';

export function checkLogs(step: ServerStep): void {
  const { view, logChange } = step;
  if (step.role === 'leader') step.history.tally.leaderSteps += 1;
  if (logChange !== null) {
    checkTruncation(step, logChange);
    checkNewEntries(view, view.log, logChange, step);
    checkShape(step, logChange);
  }
  checkLeaderHoldsItsTerm(step);
  if (logChange !== null || step.before?.commitIndex !== step.after.commitIndex) {
    checkMoreUpToDate(view, step);
  }
}

function checkTruncation(
  { view, before, after, role, hasLed, violate }: ServerStep,
  { truncatedFrom }: LogChange,
): void {
  if (before === null || truncatedFrom === null) return;
  if (hasLed && role === 'leader') {
    violate(
      'Leader Append-Only',
      `leader ${view.id} of term ${after.currentTerm} removed or replaced its entry ${truncatedFrom}`,
    );
  }
  if (truncatedFrom <= before.commitIndex) {
    violate(
      'Committed Is Never Truncated',
      `server ${view.id} truncated from ${truncatedFrom}, its commit index is ${before.commitIndex}`,
    );
  }
}

/** Every prefix has one history: the same (index, term) means the same hash, anywhere, ever. */
export function checkNewEntries(
  view: ServerView,
  account: TrackedLog,
  change: LogChange,
  { history, violate }: RefereeContext,
): void {
  for (let index = change.changedFrom; index <= account.lastIndex; index += 1) {
    const term = account.termAt(index)!;
    const prefix = account.prefixAt(index);
    if (prefix === null) continue;
    history.tally.entriesMatched += 1;
    const other = history.note(index, { term, prefix, seenAt: view.id });
    if (other !== null) {
      violate(
        'Log Matching',
        `servers ${view.id} and ${other.seenAt} both hold (${index}, term ${term}), but their logs ` +
          'differ there or before',
      );
    }
    const last = history.lastIndexOfTerm.get(term) ?? 0;
    if (index > last) history.lastIndexOfTerm.set(term, index);
  }
}

function checkShape({ view, after, violate }: ServerStep, change: LogChange): void {
  const { log } = view;
  for (let index = change.changedFrom; index <= log.lastIndex; index += 1) {
    const entry = log.entryAt(index);
    const previousTerm = log.termAt(index - 1) ?? 0;
    const isWell =
      entry?.index === index && entry.term >= previousTerm && entry.term <= after.currentTerm;
    if (isWell) continue;
    violate(
      'Log Shape',
      `server ${view.id}, in term ${after.currentTerm}, holds (${entry?.index}, term ` +
        `${entry?.term}) where entry ${index} belongs, after one of term ${previousTerm}`,
    );
  }
}

/** No log holds more of a leader's term than the leader itself. */
function checkLeaderHoldsItsTerm(step: ServerStep): void {
  const { logChange, role, view, views, history, violate } = step;
  if (logChange === null && role !== 'leader') return;
  for (const leader of views) {
    const { state } = leader;
    if (state === null || !leader.isLeader) continue;
    if (logChange === null && leader !== view) continue;
    const last = history.lastIndexOfTerm.get(state.currentTerm) ?? 0;
    const isHeld = last <= leader.log.base.index || leader.log.termAt(last) === state.currentTerm;
    if (isHeld) continue;
    violate(
      'Leader Holds Its Term',
      `an entry (${last}, term ${state.currentTerm}) was seen, but the leader of that term, ` +
        `${leader.id}, does not hold it; its log ends at ${leader.log.lastIndex}`,
    );
  }
}

/**
 * Who is at least as up to date as another one holds everything that one knows to be committed, but
 * for what was committed only in a later term than its last entry is of: a follower that is catching
 * up knows of such commits before it holds an entry of that term (Figure 8, e).
 */
function checkMoreUpToDate(changed: ServerView, { views, history, violate }: RefereeContext): void {
  const check = (ahead: ServerView, behind: ServerView) => {
    if (ahead.state === null || behind.state === null) return;
    if (!isAtLeastAsUpToDate(ahead.log.last, behind.log.last)) return;
    const { commitIndex, currentTerm } = behind.state;
    const prefix = behind.log.prefixAt(commitIndex);
    if (prefix === null || ahead.log.holds(commitIndex, prefix)) return;
    const committedIn = history.committed.get(commitIndex)?.inTerm ?? currentTerm;
    if (ahead.log.last.term < committedIn) return;
    violate(
      'More Up-To-Date',
      `the log of ${ahead.id} is at least as up to date as that of ${behind.id}, but does not hold ` +
        `what ${behind.id} knows to be committed, through ${commitIndex}, since term ${committedIn}`,
    );
  };
  for (const other of views) {
    if (other === changed) continue;
    check(changed, other);
    check(other, changed);
  }
}
