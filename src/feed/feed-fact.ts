/**
 * What happens in a cluster, as data: the facts behind its servers' decisions, and what is done to
 * them from outside. The words are in `sentences.ts`.
 */
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Fact as ServerFact } from '../../machines/rules/facts.ts';
import type { OutsideFact } from './outside.ts';

export type AnyFact = ServerFact | OutsideFact;

export type Kind = AnyFact['kind'];

/** A fact of that kind, without the server it is about. */
export type FactOf<K extends Kind> = Extract<AnyFact, { readonly kind: K }>;

/** A fact, with the server it is about; null: the whole cluster. */
export type FeedFact = AnyFact & { readonly server: ServerId | null };

export type FeedFactOf<K extends Kind> = Extract<FeedFact, { readonly kind: K }>;

export function feedFact<F extends AnyFact>(server: ServerId | null, fact: F): F & FeedFact {
  return { ...fact, server } as F & FeedFact;
}
