/** The part of a statechart that is seen: its size, what it follows, and edges that fade. */
import type { LaidOutChart } from '../diagram/laid-out.ts';
import { focusOf, scaleOf, scrollTargetOf, type Zoom } from './statechart-place.ts';

/** The switch of the sizes lies there: what is brought into view is seen above it. */
const FOOT = 40;

export interface ChartView {
  zoom(zoom: Zoom | null): void;
  /** Brings what is active into view. */
  follow(active: readonly string[]): void;
  close(): void;
}

export function chartViewOf(frame: HTMLElement, chart: LaidOutChart): ChartView {
  const prefersCalm = matchMedia('(prefers-reduced-motion: reduce)');
  let zoomed: Zoom | null = null;
  let scale = 1;
  let active: ReadonlySet<string> = new Set();
  const scrollTo = (before: ReadonlySet<string>, behavior: ScrollBehavior) => {
    const height = (frame.clientHeight - FOOT) / scale;
    const room = { width: frame.clientWidth / scale, height };
    const focus = focusOf(chart, active, before, room);
    if (focus === null || room.width === 0) return;
    const at = { left: frame.scrollLeft / scale, top: frame.scrollTop / scale };
    const { left, top } = scrollTargetOf(focus, at, room);
    frame.scrollTo({ left: left * scale, top: top * scale, behavior });
  };
  const measure = () => {
    const room = { width: frame.clientWidth, height: frame.clientHeight };
    scale = scaleOf(chart, room, zoomed);
    frame.style.setProperty('--scale', String(scale));
    scrollTo(active, 'instant');
    becomeTabStop(frame);
    fade(frame);
  };
  const onScroll = () => fade(frame);
  const observer = new ResizeObserver(measure);
  observer.observe(frame);
  frame.addEventListener('scroll', onScroll, { passive: true });
  return {
    zoom(zoom) {
      zoomed = zoom;
      measure();
    },
    follow(states) {
      const before = active;
      active = new Set(states);
      scrollTo(before, before.size === 0 || prefersCalm.matches ? 'instant' : 'smooth');
    },
    close() {
      observer.disconnect();
      frame.removeEventListener('scroll', onScroll);
    },
  };
}

/** Arrow keys scroll it then; a picture that fits is no stop on the way through the page. */
function becomeTabStop(frame: HTMLElement): void {
  const { scrollWidth, clientWidth, scrollHeight, clientHeight } = frame;
  if (scrollWidth > clientWidth || scrollHeight > clientHeight) frame.tabIndex = 0;
  else frame.removeAttribute('tabindex');
}

/** An edge that has more behind it is soft. */
function fade(frame: HTMLElement): void {
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
