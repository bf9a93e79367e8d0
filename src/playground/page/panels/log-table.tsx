/**
 * The logs of all servers side by side: a column for each index. Solid is committed, dashed is not,
 * a bar below is applied; under a follower, • is the leader's matchIndex for it and ↑ its nextIndex.
 */
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { termClass } from '#pages/term.ts';
import type { FollowerFrame, Frame, ServerFrame } from '../../frame.ts';
import { Still } from '../still.tsx';
import { entryWords } from './entry-words.ts';

/** With the space around. */
const NAMES_WIDTH = 126;
const COLUMN_WIDTH = 32;
const COLUMNS_MIN = 5;
/** So that a short log does not jump about while it grows. */
const INDEXES_MIN = 8;

/** The indexes shown, both inclusive. */
interface Window {
  readonly from: number;
  readonly through: number;
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
                  <Row
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

function Row({
  server,
  follower,
  window,
  isSelected,
  onServer,
}: {
  readonly server: ServerFrame;
  readonly follower: FollowerFrame | null;
  readonly window: Window;
  readonly isSelected: boolean;
  readonly onServer: (id: string) => void;
}) {
  const { id, log, condition, role } = server;
  const compacted = Math.min(log.base.index, window.through);
  const inSnapshot = Math.max(0, compacted - window.from + 1);
  return (
    <tr class={`is-${condition} ${isSelected ? 'is-selected' : ''}`}>
      <th scope="row">
        <button type="button" class="row-name" onClick={() => onServer(id)}>
          <b>{id}</b> <span class="soft">{condition === 'running' ? role : condition}</span>
        </button>
      </th>
      {window.from > 1 && <Earlier server={server} through={window.from - 1} />}
      {inSnapshot > 0 && (
        <td colSpan={inSnapshot} class="snapshot">
          <span class={`entry ${termClass(log.base.term)}`}>
            {inSnapshot > 3 ? `snapshot through ${log.base.index}` : '▤'}
          </span>
          <span class="visually-hidden">snapshot through {log.base.index}</span>
          <Marks follower={follower} index={compacted} isThrough />
        </td>
      )}
      {indexes({ from: window.from + inSnapshot, through: window.through }).map((index) => (
        <Cell key={index} server={server} follower={follower} index={index} />
      ))}
    </tr>
  );
}

function Cell({
  server,
  follower,
  index,
}: {
  readonly server: ServerFrame;
  readonly follower: FollowerFrame | null;
  readonly index: number;
}) {
  const entry = server.log.entryAt(index);
  if (entry === undefined) {
    return (
      <td>
        <span class="entry is-missing" />
        <Marks follower={follower} index={index} />
      </td>
    );
  }
  const isCommitted = index <= (server.state?.commitIndex ?? server.appliedIndex);
  const isApplied = index <= server.appliedIndex;
  const words = entryWords(entry);
  const state = `${isCommitted ? 'committed' : 'not committed'}${isApplied ? ', applied' : ''}`;
  const classes = `entry ${termClass(entry.term)} ${isCommitted ? 'is-committed' : ''} ${
    isApplied ? 'is-applied' : ''
  }`;
  return (
    <td title={`${index}: ${words} (term ${entry.term}, ${state})`}>
      <span class={classes} aria-hidden="true">
        {entry.term}
      </span>
      <span class="visually-hidden">
        term {entry.term}, {state}, {words}
      </span>
      <Marks follower={follower} index={index} />
    </td>
  );
}

function Marks({
  follower,
  index,
  isThrough = false,
}: {
  readonly follower: FollowerFrame | null;
  readonly index: number;
  /** For everything up to that index. */
  readonly isThrough?: boolean;
}) {
  const isHere = (mark: number) => (isThrough ? mark > 0 && mark <= index : mark === index);
  const isMatch = follower !== null && isHere(follower.matchIndex);
  const isNext = follower !== null && isHere(follower.nextIndex);
  return (
    <span class="marks">
      {isMatch && <span title={`matchIndex ${follower.matchIndex}`}>•</span>}
      {isNext && <span title={`nextIndex ${follower.nextIndex}`}>↑</span>}
    </span>
  );
}

/** What is left of the window: entries, or a snapshot of them. */
function Earlier({ server: { log }, through }: { server: ServerFrame; through: number }) {
  const count = Math.min(log.lastIndex, through);
  const isSnapshot = count > 0 && log.base.index >= count;
  const words = isSnapshot ? `snapshot through ${log.base.index}` : `${count} entries`;
  return (
    <td class="earlier" title={words}>
      {count > 0 && (
        <span role="img" aria-label={words}>
          {isSnapshot ? '▤' : '⋯'}
        </span>
      )}
    </td>
  );
}

function indexes({ from, through }: Window): readonly number[] {
  return Array.from({ length: Math.max(0, through - from + 1) }, (_, at) => from + at);
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
