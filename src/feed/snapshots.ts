/** What happens to snapshots: taken, offered, received, installed (§7; Figure 13). */
import type { LogIndex, ServerId, Term } from '../../machines/rules/entries.ts';
import { effectsOf, messageOf, type NextStep } from './step.ts';

export type SnapshotFact =
  | { readonly kind: 'beganSnapshot'; readonly through: LogIndex }
  | {
      readonly kind: 'tookSnapshot';
      readonly index: LogIndex;
      readonly term: Term;
      readonly sizeBytes: number;
      /** The first entry that stays in the log. */
      readonly logFrom: LogIndex;
    }
  | {
      readonly kind: 'offeredSnapshot';
      readonly to: ServerId;
      readonly index: LogIndex;
      readonly term: Term;
      readonly matchIndex: LogIndex;
      readonly logFrom: LogIndex;
    }
  | {
      readonly kind: 'sentChunk';
      readonly to: ServerId;
      readonly index: LogIndex;
      readonly offset: number;
      readonly sizeBytes: number;
    }
  | {
      readonly kind: 'storedChunk';
      readonly from: ServerId;
      readonly index: LogIndex;
      readonly nextOffset: number;
      readonly sizeBytes: number;
    }
  | {
      readonly kind: 'installedSnapshot';
      readonly from: ServerId;
      readonly index: LogIndex;
      readonly term: Term;
      /** How many entries behind it stay, since they follow on it. */
      readonly kept: number;
      /** How many go, since they may not. */
      readonly dropped: number;
    }
  | { readonly kind: 'rejectedSnapshot'; readonly from: ServerId; readonly index: LogIndex }
  | {
      readonly kind: 'neededNoSnapshot';
      readonly from: ServerId;
      readonly index: LogIndex;
      readonly commitIndex: LogIndex;
    };

export function snapshotsOf(step: NextStep): readonly SnapshotFact[] {
  return [...ofOwn(step), ...ofTransfers(step), ...ofChunks(step), ...ofInstallation(step)];
}

function ofOwn(step: NextStep): SnapshotFact[] {
  const { event, before, after } = step;
  const began = effectsOf(step, 'takeSnapshot').map(
    (): SnapshotFact => ({ kind: 'beganSnapshot', through: after.lastApplied }),
  );
  const { snapshot } = after;
  if (event?.type !== 'snapshot.taken' || snapshot === null || snapshot === before.snapshot) {
    return began;
  }
  const { index, term, sizeBytes } = snapshot;
  const logFrom = after.log.firstIndex;
  return [...began, { kind: 'tookSnapshot', index, term, sizeBytes, logFrom }];
}

/** What a follower lacks is compacted: it gets a snapshot instead. */
function ofTransfers(step: NextStep): SnapshotFact[] {
  const { before, after } = step;
  const facts: SnapshotFact[] = [];
  for (const { id: to, transfer, matchIndex } of after.leadership?.followers ?? []) {
    const earlier = before.leadership?.followers.find(({ id }) => id === to)?.transfer;
    if (transfer === null || transfer.id === earlier?.id) continue;
    const { index, term } = transfer;
    const logFrom = after.log.firstIndex;
    facts.push({ kind: 'offeredSnapshot', to, index, term, matchIndex, logFrom });
  }
  for (const { to, snapshot, offset } of effectsOf(step, 'sendChunk')) {
    const { index, sizeBytes } = snapshot;
    facts.push({ kind: 'sentChunk', to, index, offset, sizeBytes });
  }
  return facts;
}

function ofChunks({ event, before, after }: NextStep): SnapshotFact[] {
  const { incoming } = before;
  if (incoming === null) return [];
  const { from, snapshot } = incoming;
  const { index, sizeBytes } = snapshot;
  if (event?.type === 'chunk.stored' && after.incoming !== null && after.incoming !== incoming) {
    const { nextOffset } = after.incoming;
    return [{ kind: 'storedChunk', from, index, nextOffset, sizeBytes }];
  }
  if (event?.type === 'chunk.rejected' && after.incoming === null) {
    return [{ kind: 'rejectedSnapshot', from, index }];
  }
  return [];
}

function ofInstallation(step: NextStep): SnapshotFact[] {
  const { before, after } = step;
  const message = messageOf(step);
  const [restore] = effectsOf(step, 'restore');
  if (restore !== undefined) {
    const { index, term } = restore.snapshot;
    const from = before.incoming?.from ?? step.server;
    const behind = Math.max(0, before.log.lastIndex - index);
    const kept = after.log.lastIndex - index;
    return [{ kind: 'installedSnapshot', from, index, term, kept, dropped: behind - kept }];
  }
  const isNeedless =
    message?.type === 'InstallSnapshot' &&
    message.term === after.currentTerm &&
    message.snapshot.index <= after.commitIndex;
  if (!isNeedless) return [];
  const { from, snapshot } = message;
  const { commitIndex } = after;
  return [{ kind: 'neededNoSnapshot', from, index: snapshot.index, commitIndex }];
}
