/** One server's log: a cell for each index shown, and what the leader believes of it below. */
import { termClass } from '../../../pages/term.ts';
import type { FollowerFrame, ServerFrame } from '../../frame.ts';
import { compactedWords, entryWords, standingOf } from './entry-words.ts';

/** What its cells are to the keyboard: indexes, where they are in this row. */
export interface Reached {
  /** The one that Tab leads to. */
  readonly stop: number | null;
  readonly chosen: number | null;
}

/** The indexes shown, both inclusive. */
export interface Window {
  readonly from: number;
  readonly through: number;
}

export function LogRow({
  server,
  follower,
  window,
  reached,
  isSelected,
  onServer,
}: {
  readonly server: ServerFrame;
  readonly follower: FollowerFrame | null;
  readonly window: Window;
  readonly reached: Reached;
  readonly isSelected: boolean;
  readonly onServer: (id: string) => void;
}) {
  const { id, log, condition, role } = server;
  const compacted = Math.min(log.base.index, window.through);
  const inSnapshot = Math.max(0, compacted - window.from + 1);
  const first = window.from + inSnapshot;
  return (
    <tr class={`is-${condition} ${isSelected ? 'is-selected' : ''}`}>
      <th scope="row">
        <button type="button" class="line" onClick={() => onServer(id)}>
          <b>{id}</b> <span class="soft">{condition === 'running' ? role : condition}</span>
        </button>
      </th>
      {window.from > 1 && <Earlier server={server} through={window.from - 1} reached={reached} />}
      {inSnapshot > 0 && (
        <td
          colSpan={inSnapshot}
          class={`snapshot ${server.disk.snapshotIndex === log.base.index ? 'is-snapshot-end' : ''}`}
          title={compactedWords(server)}
          {...focusable(reached, window.from, first - 1)}
        >
          <span class={`entry ${termClass(log.base.term)}`}>
            {inSnapshot > 5 ? `compacted through ${log.base.index}` : '▤'}
          </span>
          <span class="visually-hidden">compacted through {log.base.index}</span>
          <Marks follower={follower} index={compacted} isThrough />
        </td>
      )}
      {indexes({ from: first, through: window.through }).map((index) => (
        <Cell key={index} server={server} follower={follower} index={index} reached={reached} />
      ))}
    </tr>
  );
}

function Cell({
  server,
  follower,
  index,
  reached,
}: {
  readonly server: ServerFrame;
  readonly follower: FollowerFrame | null;
  readonly index: number;
  readonly reached: Reached;
}) {
  const entry = server.log.entryAt(index);
  if (entry === undefined) {
    return (
      <td {...focusable(reached, index, index)}>
        <span class="entry is-missing" />
        <Marks follower={follower} index={index} />
      </td>
    );
  }
  const { isCommitted, isApplied, isEnd, words: state } = standingOf(server, index);
  const words = entryWords(entry);
  const classes = `entry ${termClass(entry.term)} ${isCommitted ? 'is-committed' : ''} ${
    isApplied ? 'is-applied' : ''
  }`;
  return (
    <td
      class={isEnd ? 'is-snapshot-end' : ''}
      title={`${index}: ${words} (term ${entry.term}, ${state})`}
      {...focusable(reached, index, index)}
    >
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
      {isMatch && <Mark sign="•" words={`matchIndex ${follower.matchIndex}`} />}
      {isNext && <Mark sign="↑" words={`nextIndex ${follower.nextIndex}`} />}
    </span>
  );
}

function Mark({ sign, words }: { readonly sign: string; readonly words: string }) {
  return (
    <span role="img" title={words} aria-label={words}>
      {sign}
    </span>
  );
}

/** For the cell of these indexes. */
function focusable({ stop, chosen }: Reached, from: number, through: number) {
  const isHere = (index: number | null) => index !== null && from <= index && index <= through;
  return { tabIndex: isHere(stop) ? 0 : -1, 'aria-selected': isHere(chosen) || undefined };
}

/** What is left of the window: entries, or what has been compacted. */
function Earlier({
  server: { log },
  through,
  reached,
}: {
  readonly server: ServerFrame;
  readonly through: number;
  readonly reached: Reached;
}) {
  const count = Math.min(log.lastIndex, through);
  const isCompacted = count > 0 && log.base.index >= count;
  const words = isCompacted ? `compacted through ${log.base.index}` : `${count} entries`;
  return (
    <td class="earlier" title={words} {...focusable(reached, 1, through)}>
      {count > 0 && (
        <span role="img" aria-label={words}>
          {isCompacted ? '▤' : '⋯'}
        </span>
      )}
    </td>
  );
}

export function indexes({ from, through }: Window): readonly number[] {
  return Array.from({ length: Math.max(0, through - from + 1) }, (_, at) => from + at);
}
