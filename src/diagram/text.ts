/**
 * How much room text takes. All of it is monospaced, so that every browser agrees with what was
 * measured here, whichever of these fonts it has.
 */
import type { Label, Part, Row } from './laid-out.ts';

export const FONTS =
  'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", "Liberation Mono", monospace';

export const TEXT = { size: 12, rowHeight: 16, ascent: 12 } as const;
export const TITLE = { size: 14, rowHeight: 20, ascent: 15 } as const;

/** The widest of those fonts is a little wider than 0.6 em. */
const EM_PER_CHARACTER = 0.605;

export function widthOf(text: string, size: number = TEXT.size): number {
  return Math.ceil([...text].length * size * EM_PER_CHARACTER);
}

/**
 * A label at the origin: its parts in rows of at most so many characters, where they fit. Words that
 * belong together are one part; rows are broken between parts, never inside.
 */
export function wrappedLabel(
  about: Pick<Label, 'transitions' | 'state' | 'delay'>,
  parts: readonly Part[],
  charactersMax: number,
): Label {
  const rows: Part[][] = [];
  for (const part of parts) {
    const last = rows.at(-1);
    const isFitting =
      last !== undefined && (isMark(part) || lengthOf([...last, part]) <= charactersMax);
    if (isFitting) last.push(part);
    else rows.push([part]);
  }
  const placed = rows.map((row, at): Row => {
    return { x: at === 0 ? 0 : INDENT, y: at * TEXT.rowHeight + TEXT.ascent, parts: row };
  });
  const widths = placed.map((row) => row.x + widthOf(' '.repeat(lengthOf(row.parts))));
  const size = { width: Math.max(0, ...widths), height: rows.length * TEXT.rowHeight };
  return { ...about, x: 0, y: 0, ...size, rows: placed };
}

/** A single sign never stands on a row of its own. */
function isMark({ text }: Part): boolean {
  return [...text].length === 1;
}

/** What continues on a new row stands a little to the right. */
const INDENT = 14;

/** Characters of a row: its parts and the blanks between them. */
function lengthOf(parts: readonly Part[]): number {
  return parts.reduce((sum, { text }) => sum + [...text].length + 1, -1);
}

export function moved(label: Label, x: number, y: number): Label {
  return {
    ...label,
    x: label.x + x,
    y: label.y + y,
    rows: label.rows.map((row) => ({ ...row, x: row.x + x, y: row.y + y })),
  };
}
