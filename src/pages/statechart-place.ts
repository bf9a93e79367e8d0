/** Where a statechart is scrolled to, and how large it is drawn: figures alone, without a page. */
import type { Area, Box, LaidOutChart } from '../diagram/laid-out.ts';

export type Zoom = 'natural' | 'width' | 'whole';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** A chart drawn smaller than this cannot be read. */
const READABLE = 0.75;
const LARGEST = 1.15;
/** What is brought into view is seen with that much around it. */
const MARGIN = 12;

/** Unless one chose: as wide as its place, or else so that every state of the outermost is. */
export function scaleOf(chart: LaidOutChart, { width, height }: Size, zoom: Zoom | null): number {
  const toWidth = Math.min(width / chart.width, LARGEST);
  if (zoom === 'natural') return 1;
  if (zoom === 'width') return toWidth;
  if (zoom === 'whole') return Math.min(toWidth, height / chart.height);
  if (toWidth >= READABLE) return toWidth;
  const widest = Math.max(
    ...chart.boxes.filter(({ depth }) => depth === 1).map((box) => box.width),
  );
  return Math.max(READABLE, Math.min(1, width / (widest + 2 * MARGIN)));
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** An area to be seen, the innermost, and what it stands in, the outermost first. */
export interface Focus {
  readonly inner: Area;
  readonly outer: readonly Area[];
}

/** What to look at: the states that became active, with the others if there is room for all. */
export function focusOf(
  chart: LaidOutChart,
  active: ReadonlySet<string>,
  before: ReadonlySet<string>,
  room: Size,
): Focus | null {
  const lit = chart.boxes.filter(({ state, depth }) => depth > 0 && active.has(state));
  const leaves = lit.filter((box) => !lit.some((each) => each !== box && isIn(each, box)));
  const focus = leaves.find(({ state }) => !before.has(state)) ?? leaves[0];
  if (focus === undefined) return null;
  const all = leaves.reduce<Area>(around, focus);
  const isRoomForAll =
    all.width + 2 * MARGIN <= room.width && all.height + 2 * MARGIN <= room.height;
  return {
    inner: isRoomForAll ? all : focus,
    outer: lit.filter((box) => box !== focus && isIn(focus, box)),
  };
}

/** The nearest place to scroll to from where it is. */
export function scrollTargetOf(
  focus: Focus,
  at: { readonly left: number; readonly top: number },
  room: Size,
): { readonly left: number; readonly top: number } {
  const { inner, outer } = focus;
  return {
    left: along(at.left, room.width, across(inner), outer.map(across)),
    top: along(at.top, room.height, down(inner), outer.map(down)),
  };
}

function along(at: number, room: number, inner: Span, outer: readonly Span[]): number {
  for (const { from, to } of outer) {
    const [first, last] = [to + MARGIN - room, from - MARGIN];
    if (first <= last) return Math.min(Math.max(at, first), last);
    // Where it begins is worth more than where it ends: there it says what it is.
    if (inner.to <= last + room) return last;
  }
  const [first, last] = [inner.to + MARGIN - room, inner.from - MARGIN];
  return Math.min(Math.max(at, first), last);
}

function across({ x, width }: Area): Span {
  return { from: x, to: x + width };
}

function down({ y, height }: Area): Span {
  return { from: y, to: y + height };
}

function isIn({ state }: Box, outer: Box): boolean {
  return state.startsWith(`${outer.state}.`);
}

function around(one: Area, other: Area): Area {
  const [x, y] = [Math.min(one.x, other.x), Math.min(one.y, other.y)];
  return {
    x,
    y,
    width: Math.max(one.x + one.width, other.x + other.width) - x,
    height: Math.max(one.y + one.height, other.y + other.height) - y,
  };
}
