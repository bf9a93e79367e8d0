/** One server's log: a cell for each index shown, and what the leader believes of it below. */
import { classes } from '../../../pages/controls.tsx';
import { termClass } from '../../../pages/term.ts';
import type { FollowerFrame, ServerFrame } from '../../frame.ts';
import { compactedWords, entryStateOf, entryWords } from './entry-words.ts';

/** Both inclusive. */
export interface IndexRange {
  readonly from: number;
  readonly through: number;
}

/** What is drawn in the cells of one row. */
export interface LogCells {
  readonly server: ServerFrame;
  /** What the leader believes of it, while there is one that it follows. */
  readonly follower: FollowerFrame | null;
  /** The index whose cell Tab leads to, and the one that is chosen, if they are in this row. */
  readonly tabStop: number | null;
  readonly chosen: number | null;
}

interface LogRowProps extends LogCells {
  /** The indexes shown. */
  readonly range: IndexRange;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
}

export function LogRow({ range, isSelected, onSelect, ...cells }: LogRowProps) {
  const { id, log, condition, role } = cells.server;
  const { from, through } = range;
  const compacted = Math.min(log.base.index, through);
  const later = indexes({ from: Math.max(from, compacted + 1), through });
  return (
    <tr class={classes(`is-${condition}`, isSelected && 'is-selected')}>
      <th scope="row">
        <button type="button" class="line" onClick={onSelect}>
          <b>{id}</b> <span class="soft">{condition === 'running' ? role : condition}</span>
        </button>
      </th>
      {from > 1 && earlierCell(cells, from - 1)}
      {compacted >= from && snapshotCell(cells, { from, through: compacted })}
      {later.map((index) => entryCell(cells, index))}
    </tr>
  );
}

/** What the keyboard knows of the cell of these indexes. */
function focusable({ tabStop, chosen }: LogCells, { from, through }: IndexRange) {
  const isHere = (index: number | null) => index !== null && from <= index && index <= through;
  const tabIndex = isHere(tabStop) ? 0 : -1;
  return { tabIndex, 'aria-selected': isHere(chosen) || undefined, 'data-index': from };
}

/** What came before the indexes shown: entries, or what has been compacted. */
function earlierCell(cells: LogCells, through: number) {
  const { log } = cells.server;
  const count = Math.min(log.lastIndex, through);
  const isCompacted = count > 0 && log.base.index >= count;
  const words = isCompacted ? `compacted through ${log.base.index}` : `${count} entries`;
  return (
    <td
      class="earlier"
      title={words}
      {...focusable(cells, { from: 1, through })}
      data-index={through}
    >
      {count > 0 && (
        <span role="img" aria-label={words}>
          {isCompacted ? '▤' : '⋯'}
        </span>
      )}
    </td>
  );
}

function snapshotCell(cells: LogCells, range: IndexRange) {
  const { server, follower } = cells;
  const { base } = server.log;
  const { from, through } = range;
  const isEnd = server.disk.snapshotIndex === base.index;
  const count = through - from + 1;
  const isHere = (mark: number) => mark > 0 && mark <= through;
  return (
    <td
      colSpan={count}
      class={classes('snapshot', isEnd && 'is-snapshot-end')}
      title={compactedWords(server)}
      {...focusable(cells, range)}
    >
      <span class={`entry ${termClass(base.term)}`}>
        {count > 5 ? `compacted through ${base.index}` : '▤'}
      </span>
      <span class="visually-hidden">compacted through {base.index}</span>
      {marksOf(follower, isHere)}
    </td>
  );
}

function entryCell(cells: LogCells, index: number) {
  const { server, follower } = cells;
  const entry = server.log.entryAt(index);
  const marks = marksOf(follower, (mark) => mark === index);
  const focus = focusable(cells, { from: index, through: index });
  if (entry === undefined) {
    return (
      <td key={index} {...focus}>
        <span class="entry is-missing" />
        {marks}
      </td>
    );
  }
  const { isCommitted, isApplied, isEnd, words: state } = entryStateOf(server, index);
  const words = entryWords(entry);
  const looks = [isCommitted && 'is-committed', isApplied && 'is-applied'];
  return (
    <td
      key={index}
      class={isEnd ? 'is-snapshot-end' : ''}
      title={`${index}: ${words} (term ${entry.term}, ${state})`}
      {...focus}
    >
      <span class={classes('entry', termClass(entry.term), ...looks)} aria-hidden="true">
        {entry.term}
      </span>
      <span class="visually-hidden">
        term {entry.term}, {state}, {words}
      </span>
      {marks}
    </td>
  );
}

function marksOf(follower: FollowerFrame | null, isHere: (mark: number) => boolean) {
  const marks = (['matchIndex', 'nextIndex'] as const).filter(
    (name) => follower !== null && isHere(follower[name]),
  );
  return (
    <span class="marks">
      {marks.map((name) => {
        const words = `${name} ${follower?.[name]}`;
        return (
          <span key={name} role="img" title={words} aria-label={words}>
            {name === 'matchIndex' ? '•' : '↑'}
          </span>
        );
      })}
    </span>
  );
}

export function indexes({ from, through }: IndexRange): readonly number[] {
  return Array.from({ length: Math.max(0, through - from + 1) }, (_, at) => from + at);
}
