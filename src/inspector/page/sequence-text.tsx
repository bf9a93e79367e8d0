/** The written part of the sequence diagram: a row says what happened, and leads to it in the log. */
import { firstOf, type Gap, type Happened, ROW_HEIGHT, type Row } from '../sequence.ts';
import type { Desk } from './desk.ts';
import { counted, duration, secondsTime } from './times.ts';

interface RowTextProps {
  readonly desk: Desk;
  readonly row: Row;
  readonly isChosen: boolean;
}

export function RowText({ desk, row, isChosen }: RowTextProps) {
  const top = `${row.y - ROW_HEIGHT / 2}px`;
  if (row.kind === 'gap') {
    return (
      <li class="sequence-gap soft" style={{ top }}>
        {duration(row.lastedMs)} later
      </li>
    );
  }
  // Of several that have dropped, the one whose log is shown.
  const gap = row.kind === 'dropped' && row.gaps.find(({ server }) => server === desk.view.server);
  const happened = gap || firstOf(row);
  const { server, number, atMs, dropped } = happened;
  const moment = desk.story.get(server)?.moments.at(dropped?.last ?? number);
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
          if (moment.actor !== '') desk.select(server, moment.actor);
          else if (desk.view.server !== server) chooseServer(desk, server);
          desk.show({ tab: 'log' });
          desk.lookAt(moment, server);
        }}
      >
        <time class="number soft">{secondsTime(firstOf(row).atMs)}</time>
        {row.kind === 'dropped' ? <GapWords gaps={row.gaps} /> : <Words happened={happened} />}
      </button>
    </li>
  );
}

function chooseServer(desk: Desk, id: string): void {
  const server = desk.story.get(id);
  if (server !== undefined) desk.choose(server);
}

/** Of each server that did not tell everything, how much is missing here. */
function GapWords({ gaps }: { readonly gaps: readonly Gap[] }) {
  return (
    <span class="words is-dropped" title="Counted, but not told: too many at once">
      {gaps.map(({ server, dropped }, at) => (
        <span key={server}>
          {at > 0 && ', '}
          <b>{server}</b> {counted(dropped.count)}
        </span>
      ))}{' '}
      dropped
    </span>
  );
}

function Words({ happened: { server, arrival, mark } }: { readonly happened: Happened }) {
  if (mark !== null) {
    return (
      <span class={`words is-${mark.kind}`}>
        <b>{server}</b> {mark.text}
      </span>
    );
  }
  if (arrival === null) return null;
  return (
    <span
      class={`words ${arrival.isRefusal ? 'is-refusal' : ''}`}
      title={`${arrival.kind} ${arrival.note}`}
    >
      <span class="visually-hidden">
        from {arrival.from} to {arrival.to}:
      </span>
      {arrival.kind} <span class="soft">{arrival.note}</span>
    </span>
  );
}
