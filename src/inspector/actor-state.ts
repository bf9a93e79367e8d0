/** What a snapshot says of its actor, whatever kind of actor it is. */
import type { AnyMachineSnapshot } from 'xstate';
import { activeStateIds } from '../diagram/ids.ts';
import { toPreview } from './preview.ts';
import type { FailedRecord, StateValue, StoppedRecord } from './protocol.ts';

export interface ActorState {
  readonly value: StateValue;
  /** Ids of the active states, outermost first; none for what is no machine. */
  readonly active: readonly string[];
  readonly context: unknown;
}

/** What is no machine has no `machine` and no `value`. */
type AnySnapshot = Partial<AnyMachineSnapshot>;

export function actorStateOf(snapshot: unknown): ActorState {
  const { context, machine } = snapshot as AnySnapshot;
  const value = stateValueOf(snapshot);
  return { value, active: machine === undefined ? [] : activeStateIds(machine, value), context };
}

export function stateValueOf(snapshot: unknown): StateValue {
  const { value = null, machine } = snapshot as AnySnapshot;
  return machine === undefined ? null : value;
}

/** XState has some in its messages. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they begin with one.
const TERMINAL_COLOURS = /\u001b\[[\d;]*m/g;

type End =
  | Pick<FailedRecord, 'type' | 'message'>
  | Pick<StoppedRecord, 'type' | 'status' | 'output'>;

/** How it has ended, or null while it goes on. */
export function endOf(snapshot: unknown): End | null {
  const { status, output, error } = snapshot as AnySnapshot;
  if (status === 'done' || status === 'stopped') {
    return { type: 'stopped', status, output: toPreview(output) };
  }
  if (status !== 'error') return null;
  const word = toPreview(error);
  const message = typeof word === 'string' ? word : JSON.stringify(word);
  return { type: 'failed', message: message.replaceAll(TERMINAL_COLOURS, '') };
}

export function isSameState(one: StateValue, other: StateValue): boolean {
  if (one === other) return true;
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) {
    return false;
  }
  const names = Object.keys(one);
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => isSameState(one[name] ?? null, other[name] ?? null))
  );
}
