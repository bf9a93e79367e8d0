/** How hard a laid-out graph is to read: the less, the better. */
import type { ElkEdgeSection, ElkNode, ElkPoint } from '../vendor/elk.ts';
import { isStart } from './elk-graph.ts';

/** What a page of text has room for; beyond it, type shrinks. */
const WIDTH_MAX = 840;

export function costOf({ width = 0, height = 0, edges = [] }: ElkNode): number {
  const shrinking = Math.max(1, width / WIDTH_MAX);
  const lines = edges.flatMap(({ sections = [] }) => sections.map(pointsOf));
  const starts = edges
    .filter(({ id }) => isStart(id))
    .flatMap(({ sections = [] }) => sections.map(pointsOf));
  const length = totalOf(lines) + START_WEIGHT * totalOf(starts);
  const bends = lines.reduce((sum, points) => sum + points.length - 2, 0);
  return height * shrinking + 2000 * (shrinking - 1) + 0.1 * length + 14 * bends;
}

/** Where something begins should be seen first. */
const START_WEIGHT = 4;

function totalOf(lines: readonly (readonly ElkPoint[])[]): number {
  return lines.reduce((sum, points) => sum + lengthOf(points), 0);
}

function pointsOf({ startPoint, bendPoints = [], endPoint }: ElkEdgeSection): readonly ElkPoint[] {
  return [startPoint, ...bendPoints, endPoint];
}

function lengthOf(points: readonly ElkPoint[]): number {
  return points.reduce((sum, { x, y }, at) => {
    const before = points[at - 1];
    return before === undefined ? sum : sum + Math.abs(x - before.x) + Math.abs(y - before.y);
  }, 0);
}
