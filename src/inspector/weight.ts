/**
 * How important an event is, when not everything can be recorded: landmarks are recorded, repeats are
 * dropped first. This is the rule for any machine; `server-source.ts` has the one for Raft servers.
 */
import type { AnyEventObject } from 'xstate';
import { isSameState } from './actor-state.ts';
import type { StateValue } from './protocol.ts';

/** A landmark is a turning point of an actor, and rare by nature. */
export type Weight = 'landmark' | 'ordinary' | 'repeat';

export interface Weighed {
  readonly weight: Weight;
  /** By what it is counted: an event's type, if there is no better name. */
  readonly kind: string;
}

/** One event handled to its end. */
export interface Handled {
  readonly event: AnyEventObject;
  /** XState's definitions of the transitions taken. */
  readonly transitions: readonly unknown[];
  readonly emitted: readonly unknown[];
  readonly before: StateValue;
  readonly value: StateValue;
  readonly contextBefore: unknown;
  readonly context: unknown;
  /** The machine's name; '' when the actor runs none. */
  readonly machine: string;
  /** Of the same actor: which transitions the last event of each type has taken. */
  readonly taken: Map<string, readonly unknown[]>;
}

export type Weigh = (handled: Handled) => Weighed;

/** Types of events that are remembered of an actor: those of a machine are few. */
const TYPES_MAX = 32;

/**
 * A change of a machine's outermost state is a landmark, and so is the failure of an actor that it
 * invoked. An event that does what the last one of its type did, and changes no state, is a repeat.
 */
export const weigh: Weigh = ({ event, machine, before, value, transitions, taken }) => {
  const { type } = event;
  if (!isSameState(before, value)) {
    const [from, to] = [rootState(before), rootState(value)];
    if (from === to) return { weight: 'ordinary', kind: type };
    return { weight: 'landmark', kind: `${machine}: ${from} → ${to}` };
  }
  if (type.startsWith('xstate.error.')) return { weight: 'landmark', kind: type };
  const last = taken.get(type);
  if (last !== undefined || taken.size < TYPES_MAX) taken.set(type, transitions);
  return { weight: isSameList(last, transitions) ? 'repeat' : 'ordinary', kind: type };
};

/** '' when there are several at once, as in a parallel machine, or none. */
export function rootState(value: StateValue): string {
  if (typeof value === 'string') return value;
  let root = '';
  // Asked of every event: without a list of the names.
  for (const name in value) {
    if (root !== '') return '';
    root = name;
  }
  return root;
}

function isSameList(one: readonly unknown[] | undefined, other: readonly unknown[]): boolean {
  if (one === undefined || one.length !== other.length) return false;
  for (let at = 0; at < one.length; at += 1) if (one[at] !== other[at]) return false;
  return true;
}
