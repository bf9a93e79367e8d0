/**
 * What happened in one step of one server, and why, as data: what a feed for people is made of. Every
 * reason is a rule's own, asked of the state that it decided on. The words are in `sentences.ts`.
 */
import type { ServerId } from '../../machines/rules/entries.ts';
import { type ClientFact, clientsOf } from './clients.ts';
import { type ElectionFact, electionsOf } from './elections.ts';
import { importanceOf } from './importance.ts';
import { disksOf, type LogFact, logsOf } from './logs.ts';
import type { OutsideFact } from './outside.ts';
import { type SnapshotFact, snapshotsOf } from './snapshots.ts';
import type { Step } from './step.ts';

/** `low` is heartbeats and their like; `high` is elections, commits, crashes. */
export type Importance = 'low' | 'normal' | 'high';

export type Fact = ElectionFact | LogFact | SnapshotFact | ClientFact | OutsideFact;

export type Kind = Fact['kind'];

/** A fact of that kind, without the server it is about. */
export type FactOf<K extends Kind> = Extract<Fact, { readonly kind: K }>;

export type Happening = Fact & {
  /** Whom it is about; null: the whole cluster. */
  readonly server: ServerId | null;
  readonly importance: Importance;
};

export type HappeningOf<K extends Kind> = Extract<Happening, { readonly kind: K }>;

/** In the order in which it is best told: disk, terms and votes, logs, snapshots, clients. */
export function happeningsOf(step: Step): readonly Happening[] {
  return factsOf(step).map((fact) => happening(step.server, fact));
}

/** For what is done from outside: `happening('b', { kind: 'paused' })`. */
export function happening<F extends Fact>(server: ServerId | null, fact: F): F & Happening {
  return { ...fact, server, importance: importanceOf(fact) } as F & Happening;
}

function factsOf(step: Step): readonly Fact[] {
  const { before, after } = step;
  if (before !== null) {
    const next = { ...step, before };
    return [disksOf, electionsOf, logsOf, snapshotsOf, clientsOf].flatMap((of): readonly Fact[] =>
      of(next),
    );
  }
  const { currentTerm: term, votedFor, commitIndex, log, snapshot } = after;
  const snapshotIndex = snapshot?.index ?? 0;
  return [{ kind: 'started', term, votedFor, lastLog: log.last, commitIndex, snapshotIndex }];
}
