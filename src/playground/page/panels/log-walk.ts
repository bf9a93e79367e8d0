/** The cells of the log table by keyboard: arrows go from cell to cell, a cell says its index. */

/** Moves the focus; at an edge the key is taken all the same, so that no other meaning surprises. */
export function walkCells(event: KeyboardEvent): void {
  const cell = cellOf(event.target);
  const row = cell?.parentElement;
  if (cell === null || row == null) return;
  const cells = cellsOf(row);
  const at = cells.indexOf(cell);
  const steps: Readonly<Record<string, HTMLElement | undefined>> = {
    ArrowLeft: cells[at - 1],
    ArrowRight: cells[at + 1],
    ArrowUp: beside(cell, row.previousElementSibling),
    ArrowDown: beside(cell, row.nextElementSibling),
    Home: cells[0],
    End: cells.findLast((each) => each.querySelector('.is-missing') === null) ?? cells[0],
  };
  if (!Object.hasOwn(steps, event.key)) return;
  event.preventDefault();
  steps[event.key]?.focus();
}

export function cellOf(target: EventTarget | null): HTMLTableCellElement | null {
  return target instanceof Element ? target.closest('td') : null;
}

/** Of a cell that stands for several, the first. */
export function cellIndex(cell: HTMLElement): number {
  return Number(cell.dataset.index);
}

/** A cell may be as wide as several columns: the one in the same column is looked for. */
function beside(cell: HTMLElement, row: Element | null): HTMLElement | undefined {
  return cellsOf(row).findLast((each) => cellIndex(each) <= cellIndex(cell));
}

function cellsOf(row: Element | null): readonly HTMLTableCellElement[] {
  return [...(row?.querySelectorAll('td') ?? [])];
}
