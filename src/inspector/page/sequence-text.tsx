/** The written part of the sequence diagram: a row says what happened, and leads to it in the log. */
import type { SequenceItem } from '../history-entry.ts';
import { lastPartOf, shortened } from '../names.ts';
import { firstOf, ROW_HEIGHT, type SequenceGap, type SequenceRow } from '../sequence.ts';
import type { Desk } from './desk.ts';
import { counted, duration, secondsTime } from './times.ts';

/** The rest is for what became of it. */
const NAME_MAX = 16;

interface RowTextProps {
  readonly desk: Desk;
  readonly row: SequenceRow;
  readonly isChosen: boolean;
}

export function RowText({ desk, row, isChosen }: RowTextProps) {
  const top = `${row.y - ROW_HEIGHT / 2}px`;
  if (row.kind === 'gap') {
    return (
      <li class="sequence-gap soft" style={{ top }}>
        {row.isCut && 'Above, messages are left out · '}
        {duration(row.lastedMs)} later
      </li>
    );
  }
  const { atMs } = firstOf(row);
  const { id, number } = placeIn(row, desk.view.server);
  const moment = desk.story.get(id)?.entries.at(number);
  const position = desk.view.position;
  const isLater = position !== null && !isChosen && atMs > position.atMs;
  return (
    <li style={{ top }} class={row.kind === 'dropped' ? 'is-dropped' : ''}>
      <button
        type="button"
        class={isLater ? 'is-later' : ''}
        aria-current={isChosen ? 'true' : undefined}
        disabled={moment === undefined}
        onClick={() => {
          if (moment === undefined) return;
          // What was dropped is of no actor.
          if (moment.actor !== '') desk.select(id, moment.actor);
          else if (desk.view.server !== id) chooseServer(desk, id);
          desk.show({ tab: 'log' });
          desk.lookAt(moment, id);
        }}
      >
        <time class="number soft">{secondsTime(atMs)}</time>
        {row.kind === 'dropped' ? <GapWords gaps={row.gaps} /> : <Words happened={row.happened} />}
      </button>
    </li>
  );
}

/** Where it leads to: of several servers that have dropped something, to the one that is shown. */
function placeIn(row: Exclude<SequenceRow, { kind: 'gap' }>, shown: string) {
  if (row.kind === 'happened') return { id: row.happened.server, number: row.happened.number };
  const gap = row.gaps.find(({ server }) => server === shown) ?? (row.gaps[0] as SequenceGap);
  return { id: gap.server, number: gap.last };
}

function chooseServer(desk: Desk, id: string): void {
  const server = desk.story.get(id);
  if (server !== undefined) desk.choose(server);
}

function byServer(one: SequenceGap, other: SequenceGap): number {
  return one.server < other.server ? -1 : 1;
}

/** Of each server that did not tell everything, how much is missing here. */
function GapWords({ gaps }: { readonly gaps: readonly SequenceGap[] }) {
  return (
    <span class="words is-dropped" title="Counted together: too many at once">
      {gaps.toSorted(byServer).map(({ server, dropped }, at) => (
        <span key={server}>
          {at > 0 && ', '}
          <b title={server}>{shortened(server, NAME_MAX)}</b> {counted(dropped)}
        </span>
      ))}{' '}
      not shown
    </span>
  );
}

function Words({ happened: { arrival, mark, isIgnored } }: { readonly happened: SequenceItem }) {
  if (mark !== null) {
    return (
      <span class={`words is-${mark.kind}`} title={`${mark.of} ${mark.text}`}>
        <b>{shortened(lastPartOf(mark.of), NAME_MAX)}</b> {mark.text}
      </span>
    );
  }
  if (arrival === null) return null;
  return (
    <span
      class={`words ${arrival.isRefusal ? 'is-refusal' : ''} ${isIgnored ? 'is-ignored' : ''}`}
      title={`${arrival.kind} ${arrival.note}`}
    >
      <span class="visually-hidden">
        from {arrival.from} to {arrival.to}:
      </span>
      {arrival.kind} {isIgnored && <i>ignored</i>} <span class="soft">{arrival.note}</span>
    </span>
  );
}
