/** Where things are in a laid-out chart, for the rules a picture keeps. */
import type { Area, Box, Label, LaidOutChart, Point } from '../../src/diagram/laid-out.ts';
import { widthOf } from '../../src/diagram/text.ts';

export function labelsOf(chart: LaidOutChart): readonly Label[] {
  return [...chart.boxes, ...chart.arrows].flatMap(({ labels }) => labels);
}

/** All text: labels, and the names of states. */
export function textsOf(chart: LaidOutChart): readonly (Area & { readonly text: string })[] {
  const labels = labelsOf(chart).map((label) => ({ ...label, text: wordsOf(label) }));
  const names = chart.boxes.map(({ title, name }) => {
    return { x: title.x, y: title.y - 12, width: widthOf(name, 14), height: 15, text: name };
  });
  return [...labels, ...names];
}

export function wordsOf({ rows }: Label): string {
  return rows.map(({ parts }) => parts.map(({ text }) => text).join(' ')).join(' ');
}

export function isOverlapping(a: Area, b: Area): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

export function isInside(inner: Area, outer: Area): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

/** Within a pixel. */
export function isOnBorder({ x, y }: Point, box: Area): boolean {
  const [dx, dy] = [x - box.x, y - box.y];
  const isBeside = dx >= -1 && dx <= box.width + 1 && dy >= -1 && dy <= box.height + 1;
  const near = [dx, dx - box.width, dy, dy - box.height].map(Math.abs);
  return isBeside && Math.min(...near) <= 1;
}

/** Boxes whose border or inside a label of an arrow must not touch: those without states in them. */
export function leavesOf(chart: LaidOutChart): readonly Box[] {
  return chart.boxes.filter(({ headHeight, height }) => headHeight >= height);
}
