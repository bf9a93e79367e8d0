/** Records as the lines they are sent and kept as. A transition is put together from parts, for speed. */
import { transitionIdsOf } from '../diagram/ids.ts';
import type { ActorState } from './actor-state.ts';
import { toPreview } from './preview.ts';
import type { InspectionRecord, Readable, TransitionRecord } from './protocol.ts';

export function recordText(record: Exclude<InspectionRecord, TransitionRecord>): string {
  return JSON.stringify(record);
}

/** Without the fields that are serialized elsewhere. */
type TransitionFields = Omit<
  TransitionRecord,
  'type' | 'number' | 'value' | 'active' | 'transitions'
>;

interface TransitionParts extends TransitionFields {
  /** XState's definitions. */
  readonly transitions: readonly unknown[];
  /** A `stateText`. */
  readonly state: string;
}

/** A `transition` without its number, which is known once everything before it is formatted. */
export function transitionText({ state, transitions, ...parts }: TransitionParts): string {
  const rest = JSON.stringify({ ...parts, transitions: transitionIdsOf(transitions) });
  return `,${state},${rest.slice(1)}`;
}

export function stateText({ value, active }: Omit<ActorState, 'context'>): string {
  return `"value":${JSON.stringify(value)},"active":${JSON.stringify(active)}`;
}

export function numbered(transition: string, number: number): string {
  return `{"type":"transition","number":${number}${transition}`;
}

const EMITTED_MAX = 16;

/** Of very many emitted events the first are recorded, and how many more there were. */
export function emittedFields(emitted: readonly unknown[]): readonly Readable[] {
  const first = emitted.slice(0, EMITTED_MAX).map(toPreview);
  const more = emitted.length - first.length;
  return more === 0 ? first : [...first, `… ${more} more`];
}
