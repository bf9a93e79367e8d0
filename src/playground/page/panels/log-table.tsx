/**
 * The logs of all servers side by side: a column for each index. Solid is committed, dashed is not,
 * a bar below is applied, a thick edge ends the snapshot; under a follower, • is the leader's
 * matchIndex for it and ↑ its nextIndex. The entries are one stop of Tab; the chosen one is said
 * below, for who cannot point at it.
 */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { ServerId } from '../../../../machines/rules/entries.ts';
import type { FollowerFrame, Frame, ServerFrame } from '../../frame.ts';
import { Still } from '../still.tsx';
import { placeWords } from './entry-words.ts';
import { indexes, LogRow, type Reached, type Window } from './log-row.tsx';
import { cellOf, placeOfCell, walkCells } from './log-walk.ts';

/** With the space around. */
const NAMES_WIDTH = 126;
const COLUMN_WIDTH = { min: 21, max: 32 };
const COLUMNS_MIN = 5;
/** So many are shown even if they have to be narrow. */
const NARROW_MAX = 14;
interface Chosen {
  readonly server: ServerId;
  readonly index: number;
}

export function LogTable({
  frame,
  leader,
  selected,
  onServer,
}: {
  readonly frame: Frame;
  readonly leader: ServerFrame | null;
  readonly selected: string | null;
  readonly onServer: (id: string) => void;
}) {
  const [box, room] = useRoom();
  const [chosen, choose] = useState<Chosen | null>(null);
  const ends = frame.servers.map(({ log }) => log.lastIndex);
  const nexts = leader?.followers.map(({ nextIndex }) => nextIndex) ?? [];
  const last = Math.max(...ends, ...nexts);
  const { columns, width } = columnsFor(last, room);
  const through = Math.max(columns, last);
  // One column less where the first of them stands for what came earlier.
  const from = through <= columns ? 1 : through - columns + 2;
  const hold = (cell: HTMLTableCellElement) => {
    const place = placeOfCell(cell);
    const server = place === null ? undefined : frame.servers[place.row];
    if (place === null || server === undefined) return;
    choose({ server: server.id, index: from + place.column - (from > 1 ? 2 : 1) });
  };
  const focus = useFocusKept(hold);
  const followerOf = (id: ServerId) => leader?.followers.find((each) => each.id === id) ?? null;
  return (
    <>
      <div class="log-table" ref={box} style={{ '--column': `${width}px` }}>
        {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: its cells are walked. */}
        <table role="grid" aria-readonly="true">
          <caption class="visually-hidden">The log of each server, a column for each index</caption>
          <Still
            on={[from, through]}
            draw={() => (
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
            )}
          />
          <tbody onKeyDown={walkCells} onClick={({ target }) => cellOf(target)?.focus()} {...focus}>
            {frame.servers.map((server, at) => {
              const follower = followerOf(server.id);
              const reached = reachedIn(frame, at, chosen, { from, through });
              return (
                <Still
                  key={server.id}
                  on={[
                    from,
                    through,
                    server.id === selected,
                    reached.stop,
                    reached.chosen,
                    ...changing(server, follower),
                  ]}
                  draw={() => (
                    <LogRow
                      server={server}
                      follower={follower}
                      window={{ from, through }}
                      reached={reached}
                      isSelected={server.id === selected}
                      onServer={onServer}
                    />
                  )}
                />
              );
            })}
          </tbody>
        </table>
      </div>
      <Said frame={frame} chosen={chosen} followerOf={followerOf} />
    </>
  );
}

function Said({
  frame,
  chosen,
  followerOf,
}: {
  readonly frame: Frame;
  readonly chosen: Chosen | null;
  readonly followerOf: (id: ServerId) => FollowerFrame | null;
}) {
  const server = frame.servers.find(({ id }) => id === chosen?.server);
  const words =
    chosen === null || server === undefined
      ? 'Choose an entry to read it'
      : placeWords(server, followerOf(server.id), chosen.index);
  return <p class={`entry-said ${server === undefined ? 'soft' : ''}`}>{words}</p>;
}

/** Tab leads to what was chosen, as near to it as is in sight, or else to the first cell. */
function reachedIn(
  { servers }: Frame,
  row: number,
  chosen: Chosen | null,
  { from, through }: Window,
): Reached {
  const at = servers.findIndex(({ id }) => id === chosen?.server);
  if (row !== Math.max(at, 0)) return NOT_REACHED;
  if (at < 0 || chosen === null) return { stop: from, chosen: null };
  const first = Math.max(from - 1, 1);
  return { stop: Math.min(Math.max(chosen.index, first), through), chosen: chosen.index };
}

const NOT_REACHED: Reached = { stop: null, chosen: null };

/** A cell that goes while it has the focus hands it on: the next key is still for the table. */
function useFocusKept(hold: (cell: HTMLTableCellElement) => void) {
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
      if (focused.current !== null) hold(focused.current);
    },
    onFocusOut: ({ target }: FocusEvent) => {
      // A cell that is being taken away loses the focus as well, but is not left.
      queueMicrotask(() => {
        if (target === focused.current && focused.current?.isConnected) focused.current = null;
      });
    },
  };
}

/** What a row shows. */
function changing(server: ServerFrame, follower: FollowerFrame | null): readonly unknown[] {
  const { log, condition, role, appliedIndex, disk } = server;
  const commitIndex = server.state?.commitIndex;
  return [log, condition, role, appliedIndex, commitIndex, disk.snapshotIndex].concat(
    follower?.nextIndex,
    follower?.matchIndex,
  );
}

/** As many columns as there is room for, narrower ones if that shows the whole log. */
function columnsFor(last: number, room: number) {
  const wide = Math.floor(room / COLUMN_WIDTH.max);
  const narrow = Math.min(NARROW_MAX, Math.floor(room / COLUMN_WIDTH.min), last);
  const columns = Math.max(COLUMNS_MIN, wide, narrow);
  const width = columns > wide ? Math.floor(room / columns) : COLUMN_WIDTH.max;
  return { columns, width: Math.max(COLUMN_WIDTH.min, width) };
}

/** For columns, in pixels. */
function useRoom() {
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(12 * COLUMN_WIDTH.max);
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null) return;
    const observer = new ResizeObserver(() => {
      setRoom(current.clientWidth - NAMES_WIDTH);
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return [box, room] as const;
}
