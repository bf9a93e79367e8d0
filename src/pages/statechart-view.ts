/** The part of a statechart that is seen: what it follows, and edges that fade. */
import type { LaidOutChart } from '../diagram/laid-out.ts';
import { focusOf, scrollTargetOf } from './statechart-place.ts';

/** The switch of the sizes lies there: what is brought into view is seen above it. */
const FOOT = 40;

const prefersCalm = matchMedia('(prefers-reduced-motion: reduce)');

/** Brings what is active into view, first of all what was not active before. */
export function follow(
  frame: HTMLElement,
  chart: LaidOutChart,
  scale: number,
  active: ReadonlySet<string>,
  before: ReadonlySet<string> = active,
): void {
  const room = { width: frame.clientWidth / scale, height: (frame.clientHeight - FOOT) / scale };
  const focus = focusOf(chart, active, before, room);
  if (focus === null || room.width === 0) return;
  const at = { left: frame.scrollLeft / scale, top: frame.scrollTop / scale };
  const { left, top } = scrollTargetOf(focus, at, room);
  const isAtOnce = before === active || before.size === 0 || prefersCalm.matches;
  const behavior = isAtOnce ? 'instant' : 'smooth';
  frame.scrollTo({ left: left * scale, top: top * scale, behavior });
}

/** Arrow keys scroll it then; a picture that fits is no stop on the way through the page. */
export function becomeTabStop(frame: HTMLElement): void {
  const { scrollWidth, clientWidth, scrollHeight, clientHeight } = frame;
  if (scrollWidth > clientWidth || scrollHeight > clientHeight) frame.tabIndex = 0;
  else frame.removeAttribute('tabindex');
}

/** An edge that has more behind it is soft. */
export function fade(frame: HTMLElement): void {
  const { scrollLeft, scrollTop, scrollWidth, scrollHeight, clientWidth, clientHeight } = frame;
  const edges = {
    left: scrollLeft > 1,
    right: scrollLeft + clientWidth < scrollWidth - 1,
    top: scrollTop > 1,
    bottom: scrollTop + clientHeight < scrollHeight - 1,
  };
  for (const [edge, hasMore] of Object.entries(edges)) {
    frame.classList.toggle(`fades-${edge}`, hasMore);
  }
}
