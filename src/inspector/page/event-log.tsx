/**
 * What happened to the chosen actor or server, a row each, the newest at the bottom. Only the rows in
 * sight are in the document. The row that is chosen is opened below: it is the moment that the whole
 * page then shows.
 */
import { bound, classes, Select, TextField } from '../../pages/controls.tsx';

import './event-log.css';
import { useMemo, useRef } from 'preact/hooks';
import { onArrows } from '../../pages/shortcuts.ts';
import { wordsOf } from '../counted-together.ts';
import { eventName, eventNameFrom, payloadOf } from '../event-names.ts';
import { lastNumberAt } from '../history.ts';
import type { HistoryEntry } from '../history-entry.ts';
import { type DroppedRun, firstAtLeast, Listing } from '../listing.ts';
import { arrivalOf } from '../messages.ts';
import { shortened } from '../names.ts';
import type { ServerHistory } from '../server-history.ts';
import { valueLine } from '../value-line.ts';
import { EntryDetail } from './entry-detail.tsx';
import { useFollow } from './follow.ts';
import type { OfInspector } from './store.ts';
import { counted, exactTime } from './times.ts';

const ROW_PX = 26;
/** The rest is for what the message says. */
const NAME_MAX = 16;
/** Rows that are drawn above and below what is in sight. */
const MARGIN = 8;

export function EventLog({ store, server }: OfInspector & { readonly server: ServerHistory }) {
  const { isOfActors } = store.history;
  const position = store.position.value;
  const actor = store.scope.value === 'actor' ? store.actor.value : null;
  const [type, text] = [store.type.value || null, store.text.value];
  const listing = useMemo(
    () => new Listing(server.entries, { actor, type, text }),
    [server, actor, type, text],
  );
  const numbers = listing.numbers();
  const place =
    position === null ? -1 : firstAtLeast(numbers, lastNumberAt(server, position) + 1) - 1;
  const chosen = numbers[place] ?? null;
  const frame = useRef<HTMLDivElement>(null);
  const { top, height, onScroll } = useFollow(frame, {
    isLive: position === null,
    onLeave: () => store.pause(),
    chosen: chosen === null ? null : { key: `${chosen}`, top: place * ROW_PX, height: ROW_PX },
  });
  const end = Math.max(0, numbers.length * ROW_PX - height);
  const rows = inSight(numbers, position === null ? end : top, height);
  const before = firstAtLeast(numbers, rows[0] ?? 0);
  const { first, lasting } = server.entries;
  const entryOf = (number: number) => server.entries.at(listing.runAt(number)?.last ?? number);
  const opened = chosen === null ? undefined : entryOf(chosen);
  const walk = onArrows((by) => {
    const next = numbers[Math.max(0, (position === null ? numbers.length : place) + by)];
    if (next === undefined) store.goLive();
    else store.lookAt(entryOf(next) ?? null, server.id);
  });
  const row = (number: number, top: number) => {
    const entry = entryOf(number);
    const run = listing.runAt(number);
    if (entry === undefined) return null;
    const { kind, event, from, isIgnored } = entry;
    const isChosen = number === chosen;
    const isLater = chosen !== null && number > chosen;
    const looks = [isChosen && 'is-chosen', isLater && 'is-later', isIgnored && 'is-ignored'];
    return (
      // biome-ignore lint/a11y/useKeyWithClickEvents: the list has the focus, and the arrow keys.
      <div
        key={number}
        id={`moment-${number}`}
        role="option"
        tabIndex={-1}
        aria-selected={isChosen}
        class={classes('row', `is-${kind}`, ...looks)}
        style={{ top: `${top}px` }}
        onClick={() => (isChosen ? store.goLive() : store.lookAt(entry))}
      >
        <time class="number">{exactTime(run?.atMs ?? entry.atMs)}</time>
        {actor === null && <span class="row-actor">{entry.actor.split('/').at(-1)}</span>}
        <b>{run === undefined ? eventNameFrom(event, from) : `${counted(run.count)} not shown`}</b>
        {isIgnored && <span class="row-ignored">ignored</span>}
        <span class="soft">{run === undefined ? payloadWords(event) : runWords(run)}</span>
      </div>
    );
  };
  return (
    <div class="log">
      {first > 0 && (
        <p class="soft gone">
          {counted(first - lasting.length)} older ones are no longer kept
          {lasting.length > 0 &&
            (isOfActors ? '; failures are' : '; changes of role and failures are')}
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
        onKeyDown={walk}
      >
        <div class="log-height" style={{ height: `${numbers.length * ROW_PX}px` }}>
          {rows.map((number, at) => row(number, (before + at) * ROW_PX))}
        </div>
      </div>
      {numbers.length === 0 && (
        <p class="soft empty">
          {text === '' && type === null
            ? 'Nothing has happened yet.'
            : 'Nothing that is kept matches the filter.'}
        </p>
      )}
      {opened !== undefined && (
        <EntryDetail
          entry={opened}
          run={listing.runAt(chosen ?? -1)}
          isOfActors={isOfActors}
          onClose={() => store.goLive()}
        />
      )}
    </div>
  );
}

/** The rows in sight. */
function inSight(numbers: readonly number[], top: number, height: number): readonly number[] {
  const from = Math.max(0, Math.floor(top / ROW_PX) - MARGIN);
  return numbers.slice(from, Math.ceil((top + height) / ROW_PX) + MARGIN);
}

function runWords({ atMs, untilMs, count, of }: DroppedRun): string {
  const until = untilMs > atMs ? `until ${exactTime(untilMs)} · ` : '';
  return until + (wordsOf(count, of, counted) || 'of all actors: too many at once');
}

function payloadWords(event: HistoryEntry['event']) {
  const arrival = arrivalOf(event);
  if (arrival === null) return valueLine(payloadOf(event));
  return (
    <>
      <span class="row-kind">{arrival.kind}</span> from {shortened(arrival.from, NAME_MAX)} ·{' '}
      {arrival.note}
    </>
  );
}

/** The list of types is counted anew after so many moments. */
const STALE_AFTER = 500;

export function LogFilter({ store }: OfInspector) {
  const { server, scope, actor, type, text } = store;
  const age = Math.floor((server?.entries.total ?? 0) / STALE_AFTER);
  const ofActor = scope.value === 'actor' ? actor.value : null;
  const types = useMemo(() => typesOf(server, ofActor), [server, ofActor, age]);
  const isGone = !types.some(([name]) => name === type.value) && type.value !== '';
  const gone = isGone ? [[type.value, eventName(type.value)] as const] : [];
  const options = [['', 'Every type'] as const, ...gone, ...types];
  const scopes = [
    ['actor', 'This actor'],
    ['server', `All actors of ${server?.id}`],
  ] as const;
  return (
    <form class="filter" aria-label="Filter" onSubmit={(event) => event.preventDefault()}>
      <Select label="Whose events" options={scopes} {...bound(scope)} />
      <Select label="Type of event" options={options} {...bound(type)} />
      <TextField
        id="filter-text"
        type="search"
        label="Text in the event"
        placeholder="Text …"
        {...bound(text)}
      />
    </form>
  );
}

/** The types that are kept, with how often each. */
function typesOf(server: ServerHistory | null, actor: string | null) {
  const counts = new Map<string, number>();
  const { first = 0, total = 0 } = server?.entries ?? {};
  for (let number = first; number < total; number += 1) {
    const entry = server?.entries.at(number);
    if (entry === undefined || (actor !== null && entry.actor !== actor)) continue;
    counts.set(entry.event.type, (counts.get(entry.event.type) ?? 0) + 1);
  }
  return [...counts]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([type, count]) => [type, `${eventName(type)} (${counted(count)})`] as const);
}
