/** Rules every picture keeps, of our machines and of anybody's. */
import { beforeAll, describe, expect, it } from 'vitest';
import { machines } from '../../machines/index.ts';
import { chartOf, statesWithin } from '../../src/diagram/chart.ts';
import { type LaidOutChart, layOut } from '../../src/diagram/index.ts';
import { conditionLabel } from '../../src/diagram/labels.ts';
import { colliding } from './colliding-machines.ts';
import {
  isInside,
  isOnBorder,
  isOverlapping,
  labelsOf,
  leavesOf,
  textsOf,
  wordsOf,
} from './geometry.ts';
import { odd } from './odd-machines.ts';

const all = { ...machines, ...odd, ...colliding };

describe.each(Object.entries(all))('the picture of %s', (_name, machine) => {
  const chart = chartOf(machine);
  const states = statesWithin(chart);
  let picture: LaidOutChart;

  beforeAll(async () => {
    picture = await layOut(machine);
  });

  it('has a box for each state, inside the box of the one around it', () => {
    expect(picture.boxes.map(({ state }) => state)).toEqual(states.map(({ id }) => id));
    const boxes = new Map(picture.boxes.map((box) => [box.state, box]));
    for (const { id, states: inner } of states) {
      for (const child of inner) {
        expect(isInside(boxes.get(child.id)!, boxes.get(id)!), `${child.id} in ${id}`).toBe(true);
      }
    }
  });

  it('keeps boxes beside each other apart', () => {
    const boxes = new Map(picture.boxes.map((box) => [box.state, box]));
    for (const { states: inner } of states) {
      for (const [at, one] of inner.entries()) {
        for (const other of inner.slice(at + 1)) {
          const pair = [boxes.get(one.id)!, boxes.get(other.id)!] as const;
          expect(isOverlapping(...pair), `${one.id}, ${other.id}`).toBe(false);
        }
      }
    }
  });

  it('has every transition: written in its state, or on an arrow between its two ends', () => {
    for (const { arrows } of states) {
      for (const { id, source, targets } of arrows) {
        const drawn = picture.arrows.filter(({ transitions }) => transitions.includes(id));
        const written = labelsOf(picture).filter(({ transitions }) => transitions.includes(id));
        expect(drawn.length + written.length, id).toBeGreaterThan(0);
        for (const { from, to } of drawn) {
          expect(from).toBe(source);
          expect(targets).toContain(to);
        }
      }
    }
  });

  it('says the names of guards, actions and delays as the code has them', () => {
    const words = labelsOf(picture).map(wordsOf).join('\n');
    const names = states.flatMap(({ entry, exit, arrows }) => [
      ...[...entry, ...exit],
      ...arrows.flatMap((arrow) => [arrow.event, conditionLabel(arrow), ...arrow.actions]),
    ]);
    for (const name of names) expect(words).toContain(name);
  });

  it('has no text over another one, and none outside', () => {
    const texts = textsOf(picture);
    const whole = { x: 0, y: 0, width: picture.width, height: picture.height };
    for (const [at, one] of texts.entries()) {
      expect(isInside(one, whole), `${one.text} is in the picture`).toBe(true);
      for (const other of texts.slice(at + 1)) {
        expect(isOverlapping(one, other), `${one.text} over ${other.text}`).toBe(false);
      }
    }
  });

  it('has what is said in a state inside its box, and what is said of an arrow in no box', () => {
    for (const box of picture.boxes) {
      for (const label of box.labels) expect(isInside(label, box), wordsOf(label)).toBe(true);
    }
    for (const { labels } of picture.arrows) {
      for (const label of labels) {
        const covered = leavesOf(picture).filter((box) => isOverlapping(label, box));
        expect(
          covered.map(({ state }) => state),
          wordsOf(label),
        ).toEqual([]);
      }
    }
  });

  it('has arrows that begin and end at the borders of their boxes', () => {
    const boxes = new Map(picture.boxes.map((box) => [box.state, box]));
    for (const { from, to, points } of picture.arrows) {
      const [source, target] = [boxes.get(from)!, boxes.get(to)!];
      const head = { ...source, height: source.headHeight };
      expect(isOnBorder(points[0]!, source) || isOnBorder(points[0]!, head), `${from}:`).toBe(true);
      expect(isOnBorder(points.at(-1)!, target), `${from} → ${to}`).toBe(true);
    }
  });

  it('shows where each composite state begins', () => {
    const begun = picture.starts.map(({ state }) => state).sort();
    const composite = states.filter(({ initial }) => initial !== null).map(({ id }) => id);
    expect(begun).toEqual(composite.sort());
    for (const { state, points } of picture.starts) {
      const initial = states.find(({ id }) => id === state)?.initial;
      const box = picture.boxes.find(({ state: id }) => id === initial);
      expect(isOnBorder(points.at(-1)!, box!), state).toBe(true);
    }
  });

  it('is plain JSON, without holes', () => {
    expect(JSON.parse(JSON.stringify(picture))).toEqual(picture);
  });
});

describe('a layout', () => {
  it('is the same each time', async () => {
    expect(await layOut(odd.player)).toEqual(await layOut(odd.player));
  });

  it('leaves out in brief what stays inside, and keeps every arrow', async () => {
    const [whole, brief] = await Promise.all(
      [false, true].map((isBrief) => layOut(machines.request, { isBrief })),
    );
    const ends = ({ arrows }: LaidOutChart) => arrows.map(({ from, to }) => `${from} ${to}`);
    expect(ends(brief!)).toEqual(ends(whole!));
    expect(labelsOf(brief!).map(wordsOf).join()).not.toContain('/');
    expect(brief!.height).toBeLessThan(whole!.height);
  });
});
