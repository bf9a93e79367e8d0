/**
 * What happened to the chosen actor or server, a row each, the newest at the bottom. Only the rows in
 * sight are in the document. The row that is chosen is opened below: it is the moment that the whole
 * page then shows.
 */
import './event-log.css';
import { useMemo, useRef } from 'preact/hooks';
import { wordsOf } from '../counted-together.ts';
import { eventNameFrom, payloadOf } from '../event-names.ts';
import { lastNumberAt } from '../history.ts';
import type { HistoryEntry } from '../history-entry.ts';
import { type DroppedRun, firstAtLeast, Listing } from '../listing.ts';
import { arrivalOf } from '../messages.ts';
import { shortened } from '../names.ts';
import type { ServerHistory } from '../server-history.ts';
import { valueLine } from '../value-line.ts';
import type { Desk } from './desk.ts';
import { useFollow } from './follow.ts';
import { MomentDetail } from './moment-detail.tsx';
import { counted, exactTime } from './times.ts';

const ROW_PX = 26;
/** The rest is for what the message says. */
const NAME_MAX = 16;
/** Rows that are drawn above and below what is in sight. */
const MARGIN = 8;

export function EventLog({
  desk,
  server,
}: {
  readonly desk: Desk;
  readonly server: ServerHistory;
}) {
  const { view } = desk;
  const actor = view.scope === 'actor' ? view.actor : null;
  const { type, text } = view;
  const listing = useMemo(
    () => new Listing(server.entries, { actor, type, text }),
    [server, actor, type, text],
  );
  const numbers = listing.numbers();
  const place =
    view.position === null
      ? -1
      : firstAtLeast(numbers, lastNumberAt(server, view.position) + 1) - 1;
  const chosen = numbers[place] ?? null;
  const frame = useRef<HTMLDivElement>(null);
  const { sight, onScroll } = useFollow(frame, {
    isLive: view.position === null,
    onLeave: () => desk.pause(),
    chosen: chosen === null ? null : { key: `${chosen}`, top: place * ROW_PX, height: ROW_PX },
  });
  const end = Math.max(0, numbers.length * ROW_PX - sight.height);
  const rows = inSight(numbers, view.position === null ? end : sight.top, sight.height);
  const before = firstAtLeast(numbers, rows[0] ?? 0);
  const { first, lasting } = server.entries;
  const momentOf = (number: number) => server.entries.at(listing.runAt(number)?.last ?? number);
  const opened = chosen === null ? undefined : momentOf(chosen);
  return (
    <div class="log">
      {first > 0 && (
        <p class="soft gone">
          {counted(first - lasting.length)} older ones are no longer kept
          {lasting.length > 0 && keptWords(desk)}
        </p>
      )}
      <div
        class="log-rows"
        ref={frame}
        role="listbox"
        tabIndex={0}
        aria-label={`Events, ${counted(numbers.length)} listed`}
        aria-activedescendant={chosen === null ? undefined : `moment-${chosen}`}
        onScroll={onScroll}
        onKeyDown={(event) => {
          const by = ({ ArrowDown: 1, ArrowUp: -1 } as const)[event.key as 'ArrowUp'];
          if (by === undefined) return;
          event.preventDefault();
          event.stopPropagation();
          const from = view.position === null ? numbers.length : place;
          const next = numbers[Math.max(0, from + by)];
          if (next === undefined) desk.goLive();
          else desk.lookAt(momentOf(next) ?? null, server.id);
        }}
      >
        <div class="log-height" style={{ height: `${numbers.length * ROW_PX}px` }}>
          {rows.map((number, index) => (
            <Row
              key={number}
              desk={desk}
              number={number}
              moment={momentOf(number)}
              run={listing.runAt(number)}
              top={(before + index) * ROW_PX}
              isChosen={number === chosen}
              isLater={chosen !== null && number > chosen}
              showsActor={actor === null}
            />
          ))}
        </div>
      </div>
      {numbers.length === 0 && <p class="soft empty">{emptyWords(desk)}</p>}
      {opened !== undefined && (
        <MomentDetail
          moment={opened}
          run={listing.runAt(chosen ?? -1)}
          isOfActors={desk.story.isOfActors}
          onClose={() => desk.goLive()}
        />
      )}
    </div>
  );
}

function emptyWords({ view }: Desk): string {
  if (view.text !== '' || view.type !== null) return 'Nothing that is kept matches the filter.';
  return 'Nothing has happened yet.';
}

function keptWords({ story }: Desk): string {
  return story.isOfActors ? '; failures are' : '; changes of role and failures are';
}

/** The rows in sight. */
function inSight(numbers: readonly number[], top: number, height: number): readonly number[] {
  const from = Math.max(0, Math.floor(top / ROW_PX) - MARGIN);
  return numbers.slice(from, Math.ceil((top + height) / ROW_PX) + MARGIN);
}

interface RowProps {
  readonly desk: Desk;
  readonly number: number;
  readonly moment: HistoryEntry | undefined;
  readonly run: DroppedRun | undefined;
  readonly top: number;
  readonly isChosen: boolean;
  readonly isLater: boolean;
  readonly showsActor: boolean;
}

function Row({ desk, number, moment, run, top, isChosen, isLater, showsActor }: RowProps) {
  if (moment === undefined) return null;
  const { kind, actor, event, from, isIgnored } = moment;
  const manners = [isChosen && 'is-chosen', isLater && 'is-later', isIgnored && 'is-ignored'];
  const manner = manners.filter(Boolean).join(' ');
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the focus, and the arrow keys.
    <div
      id={`moment-${number}`}
      role="option"
      tabIndex={-1}
      aria-selected={isChosen}
      class={`row is-${kind} ${manner}`}
      style={{ top: `${top}px` }}
      onClick={() => (isChosen ? desk.goLive() : desk.lookAt(moment))}
    >
      <time class="number">{exactTime(run?.atMs ?? moment.atMs)}</time>
      {showsActor && <span class="row-actor">{actor.split('/').at(-1)}</span>}
      <b>{run === undefined ? eventNameFrom(event, from) : `${counted(run.count)} not shown`}</b>
      {isIgnored && <span class="row-ignored">ignored</span>}
      {run === undefined ? <Payload event={event} /> : <span class="soft">{runWords(run)}</span>}
    </div>
  );
}

function runWords({ atMs, untilMs, count, of }: DroppedRun): string {
  const until = untilMs > atMs ? `until ${exactTime(untilMs)} · ` : '';
  return until + (wordsOf(count, of, counted) || 'of all actors: too many at once');
}

function Payload({ event }: Pick<HistoryEntry, 'event'>) {
  const arrival = arrivalOf(event);
  if (arrival === null) return <span class="soft">{valueLine(payloadOf(event))}</span>;
  return (
    <span class="soft">
      <span class="row-kind">{arrival.kind}</span> from {shortened(arrival.from, NAME_MAX)} ·{' '}
      {arrival.note}
    </span>
  );
}
