/** Where a statechart is scrolled to, and how large it is drawn. */
import { describe, expect, it } from 'vitest';
import type { Area, Box, LaidOutChart } from '../../src/diagram/laid-out.ts';
import {
  type Focus,
  focusOf,
  scaleOf,
  scrollTargetOf,
  type Zoom,
} from '../../src/pages/statechart-place.ts';

/** By the depth that its name tells: `server` is the outermost, `server.leader` is in it. */
function boxOf(state: string, [x, y, width, height]: readonly number[]): Box {
  return {
    state,
    name: state,
    kind: 'atomic',
    depth: state.split('.').length - 1,
    ...{ x: x!, y: y!, width: width!, height: height! },
    title: { x: 0, y: 0 },
    headHeight: 0,
    labels: [],
  };
}

function chartOf(areas: Readonly<Record<string, readonly number[]>>): LaidOutChart {
  const boxes = Object.entries(areas).map(([state, area]) => boxOf(state, area));
  const [{ state: id, width, height }] = boxes as [Box];
  return { id, width, height, boxes, arrows: [], starts: [] };
}

/** Two states beside each other, the right one with two regions, one above the other. */
const chart = chartOf({
  server: [0, 0, 1000, 800],
  'server.follower': [50, 100, 300, 100],
  'server.leader': [500, 100, 400, 600],
  'server.leader.commit': [520, 150, 200, 200],
  'server.leader.read': [520, 450, 200, 200],
});

describe('a chart is drawn', () => {
  const sizes: readonly (readonly [string, Zoom | null, number, number, number])[] = [
    ['as wide as its place', null, 900, 400, 0.9],
    ['a little larger than by nature at most', null, 2000, 400, 1.15],
    [
      'so that its widest state has room, where all of it would be too small',
      null,
      381.6,
      400,
      0.9,
    ],
    ['never larger than by nature, to give its widest state room', null, 700, 400, 1],
    ['large enough to be read, where nothing has room', null, 200, 400, 0.75],
    ['at natural size when that was chosen', 'natural', 200, 400, 1],
    ['as wide as its place when that was chosen, however small', 'width', 200, 400, 0.2],
    ['whole when that was chosen: by its width', 'whole', 500, 700, 0.5],
    ['whole when that was chosen: by its height', 'whole', 900, 400, 0.5],
  ];

  it.each(sizes)('%s', (_how, zoom, width, height, scale) => {
    expect(scaleOf(chart, { width, height }, zoom)).toBeCloseTo(scale);
  });
});

describe('what is looked at', () => {
  const WHOLE = { width: 1000, height: 800 };
  const leading = ['server', 'server.leader', 'server.leader.commit', 'server.leader.read'];
  const statesOf = (areas: readonly Area[]) => areas.map((area) => (area as Box).state);

  it('is nothing while nothing is active but the outermost', () => {
    expect(focusOf(chart, new Set(['server']), new Set(), WHOLE)).toBe(null);
  });

  it('is every innermost active state, if there is room for all with a margin', () => {
    const { inner, outer } = focusOf(chart, new Set(leading), new Set(), WHOLE) as Focus;
    expect(inner).toEqual({ x: 520, y: 150, width: 200, height: 500 });
    expect(statesOf(outer)).toEqual(['server.leader']);
    const least = { width: 224, height: 524 };
    expect(focusOf(chart, new Set(leading), new Set(), least)?.inner).toEqual(inner);
  });

  it('is the state that became active, if there is not', () => {
    const before = new Set(leading.slice(0, 3));
    for (const room of [
      { width: 224, height: 523 },
      { width: 223, height: 524 },
    ]) {
      const focus = focusOf(chart, new Set(leading), before, room);
      expect(statesOf([focus!.inner])).toEqual(['server.leader.read']);
    }
  });
});

describe('a chart is scrolled', () => {
  const ROOM = { width: 400, height: 300 };
  const box = { x: 500, y: 100, width: 200, height: 100 };
  const from = (left: number, focus: Partial<Focus>) =>
    scrollTargetOf({ inner: box, outer: [], ...focus }, { left, top: 0 }, ROOM).left;

  it('not at all while what is looked at is seen', () => {
    expect(scrollTargetOf({ inner: box, outer: [] }, { left: 400, top: 50 }, ROOM)).toEqual({
      left: 400,
      top: 50,
    });
  });

  it('to the nearest place where it is seen with a margin', () => {
    expect(from(0, {})).toBe(312);
    expect(from(900, {})).toBe(488);
    expect(scrollTargetOf({ inner: box, outer: [] }, { left: 400, top: 200 }, ROOM).top).toBe(88);
  });

  it('to where it begins, when there is no room for all of it', () => {
    expect(from(0, { inner: { ...box, width: 500 } })).toBe(488);
  });

  it('so that what it stands in is seen as well, if there is room for that', () => {
    const around = { ...box, x: 400, width: 350 };
    expect(from(0, { outer: [around] })).toBe(362);
    expect(from(900, { outer: [around] })).toBe(388);
  });

  it('to where that begins, if there is not, and what is looked at is seen there', () => {
    const around = { ...box, x: 400, width: 600 };
    expect(from(0, { outer: [around] })).toBe(388);
  });

  it('past where that begins, if what is looked at would not be seen there', () => {
    const around = { ...box, x: 200, width: 600 };
    expect(from(0, { outer: [around] })).toBe(312);
  });
});
