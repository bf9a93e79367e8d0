/** The upper part of a state's box: its name, and what it does itself, in columns. */
import type { ChartState } from './chart.ts';
import type { Label } from './laid-out.ts';
import type { Style } from './style.ts';
import { moved, TEXT, TITLE, widthOf } from './text.ts';
import { labelsInside, labelsOfSwallowed } from './wording.ts';

export const MARGIN = 10;
const COLUMN_GAP = 22;
const LABEL_GAP = 2;

/** At the origin, for a box that is at least so wide. */
export function headOf(state: ChartState, width: number, style: Style) {
  const labels = labelsInside(state, style);
  const top = TITLE.rowHeight + MARGIN;
  const widest = Math.max(0, ...labels.map((label) => label.width));
  const room = Math.max(width - 2 * MARGIN, widest);
  const stretched = width * style.widening - 2 * MARGIN + COLUMN_GAP;
  const columns = Math.max(1, Math.floor(stretched / (widest + COLUMN_GAP)));
  const stacked = inColumns(labels, columns, widest + COLUMN_GAP, top);
  const least = widthOf(' '.repeat(style.charactersInside));
  const swallowed = labelsOfSwallowed(state, style);
  const flowed = flowing(swallowed, Math.max(room, least), bottomOf(stacked, top));
  const all = [...stacked, ...flowed];
  const right = Math.max(0, ...all.map((label) => label.x + label.width));
  return {
    width: Math.max(right, MARGIN + widthOf(state.key, TITLE.size)) + MARGIN,
    height: bottomOf(all, top - MARGIN / 2) + MARGIN,
    labels: all,
  };
}

function bottomOf(labels: readonly Label[], least: number): number {
  return Math.max(least, ...labels.map(({ y, height }) => y + height + LABEL_GAP));
}

/** Column after column, each about as high as the others. */
function inColumns(
  labels: readonly Label[],
  columns: number,
  width: number,
  top: number,
): readonly Label[] {
  const total = labels.reduce((sum, { height }) => sum + height + LABEL_GAP, 0);
  const highest = Math.max(total / columns, ...labels.map(({ height }) => height + LABEL_GAP));
  let [column, y] = [0, 0];
  return labels.map((label) => {
    const isFull = y + label.height / 2 > highest && column < columns - 1;
    if (isFull) [column, y] = [column + 1, 0];
    const at = moved(label, MARGIN + column * width, top + y);
    y += label.height + LABEL_GAP;
    return at;
  });
}

/** As a running text. */
function flowing(labels: readonly Label[], room: number, top: number): readonly Label[] {
  const gap = widthOf('  ');
  let [x, y] = [0, top];
  return labels.map((label) => {
    if (x > 0 && x + label.width > room) [x, y] = [widthOf('  '), y + TEXT.rowHeight];
    const at = moved(label, MARGIN + x, y);
    x += label.width + gap;
    return at;
  });
}
