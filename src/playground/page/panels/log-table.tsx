/**
 * The logs of all servers side by side: a column for each index. Solid is committed, dashed is not,
 * a bar below is applied, a thick edge ends the snapshot; under a follower, • is the leader's
 * matchIndex for it and ↑ its nextIndex. The entries are one stop of Tab; the chosen one is said
 * below, for those who cannot point at it.
 */

import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { ServerId } from '../../../../machines/rules/entries.ts';
import { Memo } from '../../../pages/controls.tsx';
import { useSize } from '../../../pages/size.ts';
import { currentLeader } from '../frame-facts.ts';
import type { OfFrame } from '../store.ts';
import { placeWords } from './entry-words.ts';
import { type IndexRange, indexes, type LogCells, LogRow } from './log-row.tsx';

/** With the space around. */
const NAMES_WIDTH = 126;
const COLUMN_WIDTH = { min: 21, max: 32 };
const COLUMNS_MIN = 5;
/** So many are shown even if they have to be narrow. */
const NARROW_MAX = 14;
const FIRST_SIZE = { width: NAMES_WIDTH + 12 * COLUMN_WIDTH.max, height: 100 };

interface ChosenEntry {
  readonly server: ServerId;
  readonly index: number;
}

export function LogTable({ store, frame: { servers } }: OfFrame) {
  const box = useRef<HTMLDivElement>(null);
  const size = useSize(box, FIRST_SIZE);
  const chosen = useSignal<ChosenEntry | null>(null);
  const leader = currentLeader(servers);
  const followerOf = (id: ServerId) => leader?.followers.find((each) => each.id === id) ?? null;
  const ends = servers.map(({ log }) => log.lastIndex);
  const nexts = leader?.followers.map(({ nextIndex }) => nextIndex) ?? [];
  const last = Math.max(...ends, ...nexts);
  const { columns, width } = columnsFor(last, size.value.width - NAMES_WIDTH);
  const through = Math.max(columns, last);
  // One column less where the first of them stands for what came earlier.
  const from = through <= columns ? 1 : through - columns + 2;
  const range = { from, through };
  const focus = useFocusKept((cell) => {
    const server = servers[Number(cell.closest('tr')?.sectionRowIndex)];
    if (server !== undefined) chosen.value = { server: server.id, index: cellIndex(cell) };
  });
  const chosenRow = servers.findIndex(({ id }) => id === chosen.value?.server);
  const rows = servers.map((server, at): LogCells => {
    const follower = followerOf(server.id);
    const index = at === chosenRow ? (chosen.value?.index ?? null) : null;
    const tabStop = at === Math.max(chosenRow, 0) ? tabStopIn(range, index) : null;
    return { server, follower, tabStop, chosen: index };
  });
  return (
    <>
      <div class="log-table" ref={box} style={{ '--column': `${width}px` }}>
        {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its cells are walked. */}
        <table role="grid" aria-readonly="true">
          <caption class="visually-hidden">The log of each server, a column for each index</caption>
          <Memo on={[from, through]}>{() => headOf(range)}</Memo>
          <tbody onKeyDown={walkCells} onClick={({ target }) => cellOf(target)?.focus()} {...focus}>
            {rows.map((cells) => {
              const { id } = cells.server;
              const isSelected = id === store.server.value;
              return (
                <Memo key={id} on={[from, through, isSelected, ...changing(cells)]}>
                  {() => (
                    <LogRow
                      {...cells}
                      range={range}
                      isSelected={isSelected}
                      onSelect={() => store.selectServer(id)}
                    />
                  )}
                </Memo>
              );
            })}
          </tbody>
        </table>
      </div>
      <p class={`entry-said ${chosenRow < 0 ? 'soft' : ''}`}>{chosenWords(rows[chosenRow])}</p>
    </>
  );
}

function headOf({ from, through }: IndexRange) {
  return (
    <thead>
      <tr>
        <th scope="col">
          <span class="visually-hidden">Server</span>
        </th>
        {from > 1 && <th scope="col">1–{from - 1}</th>}
        {indexes({ from, through }).map((index) => (
          <th scope="col" key={index}>
            {index}
          </th>
        ))}
      </tr>
    </thead>
  );
}

function chosenWords(row: LogCells | undefined): string {
  if (row === undefined || row.chosen === null) return 'Choose an entry to read it';
  return placeWords(row.server, row.follower, row.chosen);
}

/** Tab leads to what was chosen, as near to it as is in sight, or else to the first cell. */
function tabStopIn({ from, through }: IndexRange, chosen: number | null): number {
  return chosen === null ? from : Math.min(Math.max(chosen, from - 1, 1), through);
}

/** A cell that goes while it has the focus hands it on: the next key is still for the table. */
function useFocusKept(onFocus: (cell: HTMLTableCellElement) => void) {
  const body = useRef<HTMLTableSectionElement>(null);
  const focused = useRef<HTMLTableCellElement | null>(null);
  useLayoutEffect(() => {
    if (focused.current === null || focused.current.isConnected) return;
    body.current?.querySelector<HTMLElement>('td[tabindex="0"]')?.focus({ preventScroll: true });
  });
  return {
    ref: body,
    onFocusIn: ({ target }: FocusEvent) => {
      focused.current = cellOf(target);
      if (focused.current !== null) onFocus(focused.current);
    },
    onFocusOut: ({ target }: FocusEvent) => {
      // A cell that is being taken away loses the focus as well, but is not left.
      queueMicrotask(() => {
        if (target === focused.current && focused.current?.isConnected) focused.current = null;
      });
    },
  };
}

/** What of a row may be another with every frame. */
function changing({ server, follower, tabStop, chosen }: LogCells): readonly unknown[] {
  const { log, condition, role, appliedIndex, state, disk } = server;
  const believed = [follower?.nextIndex, follower?.matchIndex];
  const stored = [log, appliedIndex, state?.commitIndex, disk.snapshotIndex];
  return [condition, role, tabStop, chosen, ...stored, ...believed];
}

/** As many columns as there is room for, narrower ones if that shows the whole log. */
function columnsFor(last: number, room: number) {
  const wide = Math.floor(room / COLUMN_WIDTH.max);
  const narrow = Math.min(NARROW_MAX, Math.floor(room / COLUMN_WIDTH.min), last);
  const columns = Math.max(COLUMNS_MIN, wide, narrow);
  const width = columns > wide ? Math.floor(room / columns) : COLUMN_WIDTH.max;
  return { columns, width: Math.max(COLUMN_WIDTH.min, width) };
}

/** Moves the focus; at an edge the key is taken all the same, so that no other meaning surprises. */
function walkCells(event: KeyboardEvent): void {
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

function cellOf(target: EventTarget | null): HTMLTableCellElement | null {
  return target instanceof Element ? target.closest('td') : null;
}

/** Of a cell that stands for several, the first. */
function cellIndex(cell: HTMLElement): number {
  return Number(cell.dataset.index);
}

/** A cell may be as wide as several columns: the one in the same column is looked for. */
function beside(cell: HTMLElement, row: Element | null): HTMLElement | undefined {
  return cellsOf(row).findLast((each) => cellIndex(each) <= cellIndex(cell));
}

function cellsOf(row: Element | null): readonly HTMLTableCellElement[] {
  return [...(row?.querySelectorAll('td') ?? [])];
}
