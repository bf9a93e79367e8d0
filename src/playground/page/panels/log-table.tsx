/**
 * The logs of all servers side by side: a column for each index. Solid is committed, dashed is not,
 * a bar below is applied; under a follower, • is the leader's matchIndex for it and ↑ its nextIndex.
 */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { FollowerFrame, Frame, ServerFrame } from '../../frame.ts';
import { Still } from '../still.tsx';
import { indexes, LogRow } from './log-row.tsx';

/** With the space around. */
const NAMES_WIDTH = 126;
const COLUMN_WIDTH = 32;
const COLUMNS_MIN = 5;
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
  const [box, columns] = useColumns();
  const ends = frame.servers.map(({ log }) => log.lastIndex);
  const nexts = leader?.followers.map(({ nextIndex }) => nextIndex) ?? [];
  const through = Math.max(Math.min(INDEXES_MIN, columns), ...ends, ...nexts);
  // One column less where the first of them stands for what came earlier.
  const from = through <= columns ? 1 : through - columns + 2;
  return (
    <div class="log-table" ref={box}>
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
  const { log, condition, role, appliedIndex } = server;
  const commitIndex = server.state?.commitIndex;
  return [log, condition, role, appliedIndex, commitIndex].concat(
    follower?.nextIndex,
    follower?.matchIndex,
  );
}

/** As many columns as there is room for. */
function useColumns() {
  const box = useRef<HTMLDivElement>(null);
  const [columns, setColumns] = useState(12);
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null) return;
    const observer = new ResizeObserver(() => {
      const room = Math.floor((current.clientWidth - NAMES_WIDTH) / COLUMN_WIDTH);
      setColumns(Math.max(COLUMNS_MIN, room));
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return [box, columns] as const;
}
