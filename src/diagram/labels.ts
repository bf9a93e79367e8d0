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
  return [triggerOf(arrow), guard && bracketed(guard)].filter((part) => part !== '').join(' ');
}

/** One pair of brackets is enough, where guards are combined, too. */
export function bracketed(guard: string): string {
  return `[${isWrapped(guard) ? guard.slice(1, -1) : guard}]`;
}

/** Whether its first bracket is closed by its last: not so in `(a or b) and (c or d)`. */
function isWrapped(guard: string): boolean {
  if (!guard.startsWith('(') || !/ (?:and|or) /.test(guard)) return false;
  let depth = 0;
  for (const [at, sign] of [...guard].entries()) {
    depth += sign === '(' ? 1 : sign === ')' ? -1 : 0;
    if (depth === 0) return at === [...guard].length - 1;
  }
  return false;
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
