/** What one sees here, and by which keys one uses it. */
import { Help } from '../../pages/help.tsx';
import { inspectorShortcuts } from './shortcuts.ts';
import type { OfInspector } from './store.ts';

export function InspectorHelp({ store }: OfInspector) {
  const { isOfActors } = store.history;
  const told = isOfActors
    ? 'an actor of this process handles is shown here as it happens, sent over a socket'
    : 'an actor of these servers handles is shown here as it happens, sent by the servers ' +
      'themselves over one socket each';
  return (
    <Help title="Inspector" shortcuts={() => inspectorShortcuts(store)}>
      <p>
        Every event that {told}. Nothing is polled from the {isOfActors ? 'actors' : 'servers'}.
      </p>
      <p class="soft">
        {isOfActors
          ? 'A message is an event that one actor sends to another one.'
          : 'Messages are drawn where they arrive; those that never arrive are not drawn.'}{' '}
        An event for which a machine has no transition in its state is <i>ignored</i>, and pale.
      </p>
      <p class="soft">
        {isOfActors ? 'A busy process' : 'A busy server'} sends only part of what happens; the
        events left out are counted on its card and marked where they are missing. Times are those
        of {isOfActors ? 'its clock' : 'the servers’ clocks'}.
      </p>
    </Help>
  );
}
