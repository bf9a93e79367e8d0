/** The chosen actor's context at the moment, what has changed with its last event marked. */
import { useMemo } from 'preact/hooks';
import { changedPaths } from '../changes.ts';
import { eventNameFrom } from '../event-names.ts';
import { entryBefore } from '../history.ts';
import type { Desk } from './desk.ts';
import { exactTime } from './times.ts';
import { ValueTree } from './value-tree.tsx';

export function Context({ desk }: { readonly desk: Desk }) {
  const { moment, server } = desk;
  const before = moment && server && entryBefore(server, moment);
  const changed = useMemo(
    () => changedPaths(before?.context ?? moment?.context, moment?.context),
    [before?.context, moment?.context],
  );
  if (moment === null) return <p class="soft empty">This actor was not there at that moment.</p>;
  return (
    <div class="context">
      <p class="soft">
        After <b>{eventNameFrom(moment.event, moment.from)}</b> at{' '}
        <time class="number">{exactTime(moment.atMs)}</time>
      </p>
      {Object.keys(moment.context).length === 0 ? (
        <p class="soft">Its context is empty.</p>
      ) : (
        <ValueTree value={moment.context} label="Context" changed={changed} depth={0} />
      )}
    </div>
  );
}
