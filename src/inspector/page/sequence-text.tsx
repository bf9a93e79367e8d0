/** The written part of the sequence diagram: a row says what happened, and leads to it in the log. */
import { classes } from '../../pages/controls.tsx';
import type { SequenceItem } from '../history-entry.ts';
import { lastPartOf, shortened } from '../names.ts';
import { firstOf, ROW_HEIGHT, type SequenceGap, type SequenceRow } from '../sequence.ts';
import type { InspectorStore } from './store.ts';
import { counted, durationInWords, secondsTime } from './times.ts';

/** The rest is for what became of it. */
const NAME_MAX = 16;

export function rowText(store: InspectorStore, row: SequenceRow, isChosen: boolean) {
  const top = `${row.y - ROW_HEIGHT / 2}px`;
  if (row.kind === 'gap') {
    return (
      <li class="sequence-gap soft" style={{ top }}>
        {row.isCut && 'Above, messages are left out · '}
        {durationInWords(row.lastedMs)} later
      </li>
    );
  }
  const { atMs } = firstOf(row);
  const { server: id, number } = targetOf(row, store.serverId.value);
  const server = store.history.get(id);
  const entry = server?.entries.at(number);
  const position = store.position.value;
  const isLater = position !== null && !isChosen && atMs > position.atMs;
  const open = () => {
    if (server === undefined || entry === undefined) return;
    // What was dropped is of no actor.
    if (entry.actor !== '') store.select(id, entry.actor);
    else if (store.serverId.value !== id) store.choose(server);
    store.tab.value = 'log';
    store.lookAt(entry, id);
  };
  return (
    <li style={{ top }} class={row.kind === 'dropped' ? 'is-dropped' : ''}>
      <button
        type="button"
        class={isLater ? 'is-later' : ''}
        aria-current={isChosen ? 'true' : undefined}
        disabled={entry === undefined}
        onClick={open}
      >
        <time class="number soft">{secondsTime(atMs)}</time>
        {row.kind === 'dropped' ? gapWords(row.gaps) : happenedWords(row.happened)}
      </button>
    </li>
  );
}

/** Where it leads to: of several servers that have dropped something, to the one that is shown. */
function targetOf(row: Exclude<SequenceRow, { kind: 'gap' }>, shown: string) {
  if (row.kind === 'happened') return row.happened;
  const gap = row.gaps.find(({ server }) => server === shown) ?? (row.gaps[0] as SequenceGap);
  return { server: gap.server, number: gap.last };
}

/** Of each server that did not tell everything, how much is missing here. */
function gapWords(gaps: readonly SequenceGap[]) {
  const sorted = gaps.toSorted((one, other) => (one.server < other.server ? -1 : 1));
  return (
    <span class="words is-dropped" title="Counted together: too many at once">
      {sorted.map(({ server, dropped }, at) => (
        <span key={server}>
          {at > 0 && ', '}
          <b title={server}>{shortened(server, NAME_MAX)}</b> {counted(dropped)}
        </span>
      ))}{' '}
      not shown
    </span>
  );
}

function happenedWords({ arrival, mark, isIgnored }: SequenceItem) {
  if (mark !== null) {
    return (
      <span class={`words is-${mark.kind}`} title={`${mark.of} ${mark.text}`}>
        <b>{shortened(lastPartOf(mark.of), NAME_MAX)}</b> {mark.text}
      </span>
    );
  }
  if (arrival === null) return null;
  const { kind, from, to, note, isRefusal } = arrival;
  return (
    <span
      class={classes('words', isRefusal && 'is-refusal', isIgnored && 'is-ignored')}
      title={`${kind} ${note}`}
    >
      <span class="visually-hidden">
        from {from} to {to}:
      </span>
      {kind} {isIgnored && <i>ignored</i>} <span class="soft">{note}</span>
    </span>
  );
}
