/**
 * What happens in a cluster, as data: the facts behind its servers' decisions, and what is done to
 * them from outside. The words are in `sentences.ts`.
 */
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Fact as ServerFact } from '../../machines/rules/facts.ts';
import type { OutsideFact } from './outside.ts';

export type Fact = ServerFact | OutsideFact;

export type Kind = Fact['kind'];

/** A fact of that kind, without the server it is about. */
export type FactOf<K extends Kind> = Extract<Fact, { readonly kind: K }>;

/** A fact, with the server it is about; null: the whole cluster. */
export type Happening = Fact & { readonly server: ServerId | null };

export type HappeningOf<K extends Kind> = Extract<Happening, { readonly kind: K }>;

export function happening<F extends Fact>(server: ServerId | null, fact: F): F & Happening {
  return { ...fact, server } as F & Happening;
}
