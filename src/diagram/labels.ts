/** How arrows are written: *event [guard]*. */
import type { Arrow, ChartState } from './chart.ts';

/** What makes it happen: the event, or `after` and the delay; nothing for what happens of itself. */
export function triggerOf({ kind, event }: Arrow): string {
  return kind === 'delay' ? `after ${event}` : event;
}

/**
 * `event [guard]`; `[else]` when a guarded arrow for the same event goes first. Guards that do not
 * decide where it leads are left out: the table has them.
 */
export function labelOf(arrow: Arrow, state: ChartState): string {
  const guard = guardOf(arrow, state);
  return [triggerOf(arrow), guard && `[${guard}]`].filter((part) => part !== '').join(' ');
}

function guardOf(arrow: Arrow, { arrows }: ChartState): string {
  const rivals = arrows.filter((other) => triggerOf(other) === triggerOf(arrow));
  const isSettled =
    rivals.at(-1)?.guard === '' && rivals.every((other) => other.target === arrow.target);
  if (isSettled) return '';
  return arrow.guard === '' && rivals.length > 1 ? 'else' : arrow.guard;
}

/** The last part of an id: what people call the state. */
export function keyOf(id: string): string {
  return id.slice(id.lastIndexOf('.') + 1);
}
