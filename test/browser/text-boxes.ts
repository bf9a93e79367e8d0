/** Where the words of a picture really are, once a browser has set them. */
import type { Page } from 'playwright-core';

export interface Box {
  readonly text: string;
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Boxes are as high as the font allows, which is more than any letter is. */
const SLACK = 0.15;

/** One box for each text of the first SVG of the page, in CSS pixels. */
export function textBoxes(page: Page): Promise<Box[]> {
  return page
    .locator('svg')
    .first()
    .locator('text')
    .evaluateAll((nodes) =>
      nodes.map((node) => {
        const { left, top, right, bottom } = node.getBoundingClientRect();
        return { text: node.textContent ?? '', left, top, right, bottom };
      }),
    );
}

/** Each pair of texts that cover each other. */
export function overlapping(boxes: readonly Box[]): string[] {
  const worded = boxes.filter(({ text }) => text.trim() !== '').map(tight);
  return worded.flatMap((one, place) =>
    worded
      .slice(place + 1)
      .filter((other) => meet(one, other))
      .map((other) => `“${one.text}” and “${other.text}”`),
  );
}

/** Each text that leaves the frame. */
export function outside(boxes: readonly Box[], frame: Omit<Box, 'text'>): string[] {
  return boxes
    .map(tight)
    .filter(
      ({ left, top, right, bottom }) =>
        left < frame.left || right > frame.right || top < frame.top || bottom > frame.bottom,
    )
    .map(({ text }) => text);
}

function tight(box: Box): Box {
  const trim = (box.bottom - box.top) * SLACK;
  return { ...box, top: box.top + trim, bottom: box.bottom - trim };
}

function meet(one: Box, other: Box): boolean {
  const isBeside = one.right <= other.left || other.right <= one.left;
  const isAbove = one.bottom <= other.top || other.bottom <= one.top;
  return !isBeside && !isAbove;
}
