/**
 * The logs of all servers side by side: a column for each index. Solid is committed, dashed is not,
 * a bar below is applied, a thick edge ends the snapshot; under a follower, • is the leader's
 * matchIndex for it and ↑ its nextIndex.
 */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { FollowerFrame, Frame, ServerFrame } from '../../frame.ts';
import { Still } from '../still.tsx';
import { indexes, LogRow } from './log-row.tsx';

/** With the space around. */
const NAMES_WIDTH = 126;
const COLUMN_WIDTH = { min: 21, max: 32 };
const COLUMNS_MIN = 5;
/** So many are shown even if they have to be narrow. */
const NARROW_MAX = 14;
/** So that a short log does not jump about while it grows. */
const INDEXES_MIN = 8;

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
  const ends = frame.servers.map(({ log }) => log.lastIndex);
  const nexts = leader?.followers.map(({ nextIndex }) => nextIndex) ?? [];
  const last = Math.max(...ends, ...nexts);
  const { columns, width } = columnsFor(last, room);
  const through = Math.max(Math.min(INDEXES_MIN, columns), last);
  // One column less where the first of them stands for what came earlier.
  const from = through <= columns ? 1 : through - columns + 2;
  return (
    <div class="log-table" ref={box} style={{ '--column': `${width}px` }}>
      <table>
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
        <tbody>
          {frame.servers.map((server) => {
            const follower = leader?.followers.find(({ id }) => id === server.id) ?? null;
            return (
              <Still
                key={server.id}
                on={[from, through, server.id === selected, ...changing(server, follower)]}
                draw={() => (
                  <LogRow
                    server={server}
                    follower={follower}
                    window={{ from, through }}
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
  );
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
