/** The curves of a picture, as paths for SVG. */
import type { Point } from './laid-out.ts';

const CORNER = 7;

/** A line through the points, its corners rounded. */
export function pathThrough(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return '';
  const steps = rest.map((point, at) => {
    const next = rest[at + 1];
    if (next === undefined) return `L${said(point)}`;
    const before = rest[at - 1] ?? first;
    const radius = Math.min(CORNER, distance(before, point) / 2, distance(point, next) / 2);
    return `L${said(towards(point, before, radius))}Q${said(point)} ${said(towards(point, next, radius))}`;
  });
  return `M${said(first)}${steps.join('')}`;
}

/** The head of an arrow that ends there: its tip is the last point. */
export function headOfArrow(points: readonly Point[]): string {
  const tip = points.at(-1);
  const before = points.at(-2);
  if (tip === undefined || before === undefined) return '';
  const back = towards(tip, before, HEAD.length);
  const [across, along] = [(tip.x - back.x) / HEAD.length, (tip.y - back.y) / HEAD.length];
  const left = { x: back.x - along * HEAD.half, y: back.y + across * HEAD.half };
  const right = { x: back.x + along * HEAD.half, y: back.y - across * HEAD.half };
  return `M${said(tip)}L${said(left)}L${said(right)}Z`;
}

const HEAD = { length: 8, half: 4 } as const;

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function towards(from: Point, to: Point, length: number): Point {
  const whole = distance(from, to);
  if (whole === 0) return from;
  const share = length / whole;
  return { x: from.x + (to.x - from.x) * share, y: from.y + (to.y - from.y) * share };
}

function said({ x, y }: Point): string {
  return `${rounded(x)} ${rounded(y)}`;
}

/** To a tenth of a pixel, which nobody sees. */
export function rounded(length: number): number {
  return Math.round(length * 10) / 10;
}
