/** What the page has to say about itself: history forked, a link that could not be read. */
import { Notice } from '../../pages/controls.tsx';
import type { OfPlayground } from './store.ts';

export function Notices({ store }: OfPlayground) {
  const { player, latest, remark, beginsByItself } = store;
  const { violation } = store.loop.frameOf('others');
  const complaint = store.complaint.value ?? player.problem.value;
  const progress = latest.progress.value;
  const fork = player.fork.value;
  const isBeginning = player.seen === 0 && !player.isPlaying.value && player.stops.length === 0;
  const forget = () => {
    store.complaint.value = null;
    player.dismiss();
  };
  return (
    <div class="notices" role="status">
      {remark.value !== null && <Notice class="is-remark">{remark.value.sentence}</Notice>}
      {progress !== null && (
        <Notice>
          Playing that run again: event {progress.events} of {progress.of}
        </Notice>
      )}
      {!beginsByItself && isBeginning && (
        <Notice>
          Your system asks for less motion, so time stands still until you start it: Play runs it,
          Forward advances one event.
        </Notice>
      )}
      {violation !== null && (
        <Notice class="is-bad">
          <b>{violation.invariant} fell.</b> {violation.sentence} The run ends here.
        </Notice>
      )}
      {violation === null && player.isOver.value && (
        <Notice>Nothing more happens by itself: start a server again, or go back.</Notice>
      )}
      {complaint !== null && (
        <Notice class="is-bad" actions={{ Close: forget }}>
          {complaint}
        </Notice>
      )}
      {fork !== null && (
        <Notice actions={{ Undo: () => store.undo(), Keep: () => player.dismiss() }}>
          You acted in the past: history forks here, and the {fork.lost}{' '}
          {fork.lost === 1 ? 'event' : 'events'} after event {fork.after} are gone.
        </Notice>
      )}
    </div>
  );
}
