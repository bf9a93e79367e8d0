/** How arrows are written: *event [guard]*. */
import { type Arrow, type ChartState, isWithin } from './chart.ts';

/** What makes it happen: the event, or `after` and the delay; nothing for what happens of itself. */
export function triggerLabel({ kind, event }: Arrow): string {
  return kind === 'delay' ? `after ${event}` : event;
}

/**
 * `event [guard]`; `[else]` or `[else guard]` when a guarded arrow for the same event goes first.
 * Guards that do not decide where it leads are left out: the table has them.
 */
export function transitionLabel(arrow: Arrow, state: ChartState): string {
  return [triggerLabel(arrow), guardOf(arrow, state)].filter((part) => part !== '').join(' ');
}

/** `[guard]`, `[else guard]` where others are asked before, `[else]`; nothing without any. */
export function conditionLabel({ guard, isElse, isElseIf }: Arrow): string {
  if (guard === '') return isElse ? '[else]' : '';
  return isElseIf ? bracketed(`else ${unwrapped(guard)}`) : bracketed(guard);
}

/**
 * `→ vote`, `→ loud and lit` for several at once, and with ↻ where that begins anew what was active
 * before: the state itself, or one around it. Nothing where it leads nowhere.
 */
export function targetLabel(arrow: Arrow): string {
  const { source, targets, targetNames, isReentry } = arrow;
  const [target, ...others] = targets;
  if (target === undefined) return '';
  if (target === source && isReentry && others.length === 0) return '↻';
  const isAnew = targets.some((each) => isWithin(each, source) && isReentry);
  const isAround = targets.some((each) => each !== source && isWithin(source, each));
  return `→ ${targetNames.join(' and ')}${isAnew || isAround ? ' ↻' : ''}`;
}

/** Without leaving, nothing is entered anew: a simple state that targets itself stays where it is. */
export function leadsNowhere({ source, targets, isReentry }: Arrow, state: ChartState): boolean {
  const isOwn = !isReentry && targets.every((target) => target === source);
  return targets.length === 0 || (isOwn && state.states.length === 0);
}

/** One pair of brackets is enough, where guards are combined, too. */
function bracketed(guard: string): string {
  return `[${unwrapped(guard)}]`;
}

function unwrapped(guard: string): string {
  return isWrapped(guard) ? guard.slice(1, -1) : guard;
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
  const rivals = arrows.filter((other) => triggerLabel(other) === triggerLabel(arrow));
  const isSettled =
    rivals.at(-1)?.guard === '' &&
    rivals.every((other) => String(other.targets) === String(arrow.targets));
  return isSettled ? '' : conditionLabel(arrow);
}
