/** One server's log: a cell for each index shown, and what the leader believes of it below. */
import { termClass } from '#pages/term.ts';
import type { FollowerFrame, ServerFrame } from '../../frame.ts';
import { entryWords } from './entry-words.ts';

/** The indexes shown, both inclusive. */
export interface Window {
  readonly from: number;
  readonly through: number;
}

export function LogRow({
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
        <button type="button" class="line" onClick={() => onServer(id)}>
          <b>{id}</b> <span class="soft">{condition === 'running' ? role : condition}</span>
        </button>
      </th>
      {window.from > 1 && <Earlier server={server} through={window.from - 1} />}
      {inSnapshot > 0 && (
        <td
          colSpan={inSnapshot}
          class={`snapshot ${server.disk.snapshotIndex === log.base.index ? 'is-snapshot-end' : ''}`}
          title={`compacted through ${log.base.index}, snapshot through ${server.disk.snapshotIndex}`}
        >
          <span class={`entry ${termClass(log.base.term)}`}>
            {inSnapshot > 5 ? `compacted through ${log.base.index}` : '▤'}
          </span>
          <span class="visually-hidden">compacted through {log.base.index}</span>
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
  const isEnd = index === server.disk.snapshotIndex;
  const end = isEnd ? ', the snapshot ends here' : '';
  const state = `${isCommitted ? 'committed' : 'not committed'}${isApplied ? ', applied' : ''}${end}`;
  const classes = `entry ${termClass(entry.term)} ${isCommitted ? 'is-committed' : ''} ${
    isApplied ? 'is-applied' : ''
  }`;
  return (
    <td
      class={isEnd ? 'is-snapshot-end' : ''}
      title={`${index}: ${words} (term ${entry.term}, ${state})`}
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
      {isMatch && <span title={`matchIndex ${follower.matchIndex}`}>•</span>}
      {isNext && <span title={`nextIndex ${follower.nextIndex}`}>↑</span>}
    </span>
  );
}

/** What is left of the window: entries, or what has been compacted. */
function Earlier({ server: { log }, through }: { server: ServerFrame; through: number }) {
  const count = Math.min(log.lastIndex, through);
  const isCompacted = count > 0 && log.base.index >= count;
  const words = isCompacted ? `compacted through ${log.base.index}` : `${count} entries`;
  return (
    <td class="earlier" title={words}>
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
