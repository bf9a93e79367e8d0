/** The chosen actor's context at the moment, what has changed with its last event marked. */
import { useMemo } from 'preact/hooks';
import { changedPaths } from '../changes.ts';
import { eventNameFrom } from '../event-names.ts';
import { entryBefore } from '../history.ts';
import type { OfInspector } from './store.ts';
import { exactTime } from './times.ts';
import { ValueTree } from './value-tree.tsx';

export function ContextPanel({ store: { entry, server } }: OfInspector) {
  const before = entry && server && entryBefore(server, entry);
  const changed = useMemo(
    () => changedPaths(before?.context ?? entry?.context, entry?.context),
    [before?.context, entry?.context],
  );
  if (entry === null) return <p class="soft empty">This actor was not there at that moment.</p>;
  return (
    <div class="context">
      <p class="soft">
        After <b>{eventNameFrom(entry.event, entry.from)}</b> at{' '}
        <time class="number">{exactTime(entry.atMs)}</time>
      </p>
      {Object.keys(entry.context).length === 0 ? (
        <p class="soft">Its context is empty.</p>
      ) : (
        <ValueTree value={entry.context} label="Context" changed={changed} depth={0} />
      )}
    </div>
  );
}
