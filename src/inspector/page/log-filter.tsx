/** What the event log leaves out: other actors, other types, what does not hold a text. */
import { useMemo } from 'preact/hooks';
import { eventName } from '../event-names.ts';
import type { ServerHistory } from '../server-history.ts';
import type { Desk } from './desk.ts';
import { counted } from './times.ts';

/** The list of types is counted anew after so many moments. */
const STALE_AFTER = 500;

export function LogFilter({
  desk,
  server,
}: {
  readonly desk: Desk;
  readonly server: ServerHistory;
}) {
  const { scope, actor, type, text } = desk.view;
  const age = Math.floor(server.entries.total / STALE_AFTER);
  const types = useMemo(
    () => typesOf(server, scope === 'actor' ? actor : null),
    [server, scope, actor, age],
  );
  return (
    <form class="filter" aria-label="Filter" onSubmit={(event) => event.preventDefault()}>
      <select
        class="field"
        aria-label="Whose events"
        value={scope}
        onChange={({ currentTarget }) =>
          desk.show({ scope: currentTarget.value === 'server' ? 'server' : 'actor' })
        }
      >
        <option value="actor">This actor</option>
        <option value="server">All actors of {server.id}</option>
      </select>
      <select
        class="field"
        aria-label="Type of event"
        value={type ?? ''}
        onChange={({ currentTarget }) => desk.show({ type: currentTarget.value || null })}
      >
        <option value="">Every type</option>
        {type !== null && !types.some(([name]) => name === type) && (
          <option value={type}>{eventName(type)}</option>
        )}
        {types.map(([name, count]) => (
          <option key={name} value={name}>
            {eventName(name)} ({counted(count)})
          </option>
        ))}
      </select>
      <input
        class="field"
        id="filter-text"
        type="search"
        aria-label="Text in the event"
        placeholder="Text …"
        value={text}
        onInput={({ currentTarget }) => desk.show({ text: currentTarget.value })}
      />
    </form>
  );
}

/** The types that are kept, and how often each. */
function typesOf(
  { entries: moments }: ServerHistory,
  actor: string | null,
): readonly [string, number][] {
  const counts = new Map<string, number>();
  for (let number = moments.first; number < moments.total; number += 1) {
    const moment = moments.at(number);
    if (moment === undefined || (actor !== null && moment.actor !== actor)) continue;
    counts.set(moment.event.type, (counts.get(moment.event.type) ?? 0) + 1);
  }
  return [...counts].sort(([one], [other]) => (one < other ? -1 : 1));
}
