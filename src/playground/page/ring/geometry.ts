/** Where servers stand on the ring, and where on its way a message is: numbers only. */
import type { ServerId } from '../../../../machines/rules/entries.ts';
import type { Point } from '../../../diagram/laid-out.ts';

export interface RingPlace extends Point {
  /** Outside the ring, where its name is written. */
  readonly label: Point & { readonly anchor: 'start' | 'middle' | 'end' };
}

export interface RingGeometry {
  readonly width: number;
  readonly height: number;
  /** Of a server's circle. */
  readonly radius: number;
  readonly places: ReadonlyMap<ServerId, RingPlace>;
}

/** The name and role beside a server, at most. */
const LABEL = { width: 92, height: 40 };
const RADIUS = { min: 15, max: 34 };
/** Between the circle and what is drawn around it: the timer's arc, the leader's second ring. */
const HALO = 12;
/** How far from a circle the ring may be, to use the room there is. */
const STRETCH = { across: 1.35, down: 1.3 };
/** Each direction of a link has a lane of its own. */
const LANE = 6;

export function geometryOf(ids: readonly ServerId[], width: number, height: number): RingGeometry {
  const directions = ids.map((_, at) => (at / ids.length) * 2 * Math.PI - Math.PI / 2);
  const lowest = Math.max(...directions.map(Math.sin));
  const room = Math.min(width - 2 * LABEL.width, height - LABEL.height) / 2;
  const share = Math.sin(Math.PI / Math.max(ids.length, 3));
  const radius = Math.max(RADIUS.min, Math.min(RADIUS.max, room * share * 0.36));
  const edge = radius + HALO;
  const bottom = lowest > 0.95 ? LABEL.height : 0;
  const free = height - LABEL.height - bottom - 2 * edge;
  const across = Math.max(width / 2 - LABEL.width - edge, 40);
  const down = Math.max(Math.min(free / (1 + lowest), across * STRETCH.down), 30);
  const spare = Math.max(free - down * (1 + lowest), 0) / 2;
  const centre = { x: width / 2, y: LABEL.height + edge + down + spare };
  const wide = Math.min(across, down * STRETCH.across);
  const places = ids.map((id, at) => {
    const direction = directions[at] ?? 0;
    const [sine, cosine] = [Math.sin(direction), Math.cos(direction)];
    const point = { x: centre.x + wide * cosine, y: centre.y + down * sine };
    return [id, { ...point, label: labelOf(point, edge, cosine, sine) }] as const;
  });
  return { width, height, radius, places: new Map(places) };
}

function labelOf(point: Point, away: number, cosine: number, sine: number): RingPlace['label'] {
  if (Math.abs(cosine) < 0.3) {
    const y = sine < 0 ? point.y - away - 22 : point.y + away + 13;
    return { x: point.x, y, anchor: 'middle' };
  }
  const anchor = cosine > 0 ? 'start' : 'end';
  return { x: point.x + Math.sign(cosine) * (away + 6), y: point.y + sine * 10 - 2, anchor };
}

export function placeOfServer(geometry: RingGeometry, id: ServerId): RingPlace {
  const place = geometry.places.get(id);
  return place ?? { x: 0, y: 0, label: { x: 0, y: 0, anchor: 'middle' } };
}

/** From edge to edge of the two circles, beside the middle line; `progress` from 0 to 1. */
export function onTheWay(
  geometry: RingGeometry,
  from: ServerId,
  to: ServerId,
  progress: number,
): Point & { readonly angle: number } {
  const [start, end] = [placeOfServer(geometry, from), placeOfServer(geometry, to)];
  const [dx, dy] = [end.x - start.x, end.y - start.y];
  const length = Math.hypot(dx, dy) || 1;
  const margin = geometry.radius + HALO;
  const along = margin + (length - 2 * margin) * Math.min(Math.max(progress, 0), 1);
  const [ux, uy] = [dx / length, dy / length];
  return {
    x: start.x + ux * along - uy * LANE,
    y: start.y + uy * along + ux * LANE,
    angle: (Math.atan2(dy, dx) * 180) / Math.PI,
  };
}
