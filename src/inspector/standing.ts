/** What a snapshot says of its actor, whatever kind of actor it is. */

import type { Readable, StateValue } from './protocol.ts';
import { readable } from './readable.ts';

export interface Standing {
  readonly value: StateValue;
  /** Ids of the active states, outermost first; none for what is no machine. */
  readonly active: readonly string[];
  readonly context: unknown;
}

export function standingOf(snapshot: unknown): Standing {
  const {
    value,
    context,
    _nodes: nodes,
  } = snapshot as {
    value?: StateValue;
    context?: unknown;
    _nodes?: readonly { readonly id: string }[];
  };
  if (nodes === undefined) return { value: null, active: [], context };
  return { value: value ?? null, active: nodes.map(({ id }) => id), context };
}

/** How it has ended, or null while it goes on. */
export function endOf(snapshot: unknown): { status: 'done' | 'stopped'; output: Readable } | null {
  const { status, output } = snapshot as { status?: unknown; output?: unknown };
  return status === 'done' || status === 'stopped' ? { status, output: readable(output) } : null;
}

/** Why it has failed, or null when it has not. */
export function failureOf(snapshot: unknown): string | null {
  const { status, error } = snapshot as { status?: unknown; error?: unknown };
  if (status !== 'error') return null;
  const word = readable(error);
  return typeof word === 'string' ? word : JSON.stringify(word);
}
