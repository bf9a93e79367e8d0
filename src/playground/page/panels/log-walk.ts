/** The cells of the log table by keyboard: arrows go from cell to cell, a cell says its place. */

/** A cell of the table's body as the table counts: servers from 0, columns from 1, names before. */
export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

const STEPS: Readonly<Record<string, readonly [rows: number, columns: number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** Moves the focus; at an edge the key is taken all the same, so that no other meaning surprises. */
export function walkCells(event: KeyboardEvent): void {
  const cell = cellOf(event.target);
  const next = cell === null ? undefined : nextOf(cell, event.key);
  if (next === undefined) return;
  event.preventDefault();
  next?.focus();
}

/** Nothing for a key that is not for the table, null beyond an edge. */
function nextOf(cell: HTMLTableCellElement, key: string): HTMLElement | null | undefined {
  const [rows, columns] = STEPS[key] ?? [0, 0];
  const cells = cellsOf(rowOf(cell));
  if (columns !== 0) return cells[cells.indexOf(cell) + columns] ?? null;
  if (rows !== 0) return above(cell, rows) ?? null;
  if (key === 'Home') return cells[0];
  return key === 'End' ? (cells.findLast(hasEntry) ?? cells[0]) : undefined;
}

function hasEntry(cell: Element): boolean {
  return cell.querySelector('.is-missing') === null;
}

export function cellOf(target: EventTarget | null): HTMLTableCellElement | null {
  return target instanceof Element ? target.closest('td') : null;
}

export function placeOfCell(cell: HTMLTableCellElement): CellPlace | null {
  const row = rowOf(cell);
  return row === null ? null : { row: row.sectionRowIndex, column: columnOf(cell) };
}

/** A cell may be as wide as several columns: the one in the same column is looked for. */
function above(cell: HTMLTableCellElement, by: number): HTMLElement | undefined {
  const row = rowOf(cell);
  const other = row?.parentElement?.children[row.sectionRowIndex + by];
  return cellsOf(other).findLast((each) => columnOf(each) <= columnOf(cell));
}

function cellsOf(row: Element | null | undefined): readonly HTMLTableCellElement[] {
  return [...(row?.querySelectorAll('td') ?? [])];
}

function rowOf(cell: HTMLTableCellElement): HTMLTableRowElement | null {
  return cell.closest('tr');
}

function columnOf({ cellIndex, parentElement }: HTMLTableCellElement): number {
  const before = [...(parentElement?.children ?? [])].slice(0, cellIndex);
  return before.reduce(
    (columns, each) => columns + (each instanceof HTMLTableCellElement ? each.colSpan : 0),
    0,
  );
}
