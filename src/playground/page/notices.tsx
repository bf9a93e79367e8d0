/** What the page has to say about itself: history forked, a link that could not be read. */
import type { Fork } from './player.ts';

export function Notices({
  fork,
  isAtEnd,
  complaint,
  violation,
  onUndo,
  onForgetFork,
  onForgetComplaint,
}: {
  readonly fork: Fork | null;
  /** Nothing will happen by itself any more. */
  readonly isAtEnd: boolean;
  readonly complaint: string | null;
  readonly violation: { readonly invariant: string; readonly sentence: string } | null;
  readonly onUndo: () => void;
  readonly onForgetFork: () => void;
  readonly onForgetComplaint: () => void;
}) {
  return (
    <div class="notices" role="status">
      {violation !== null && (
        <p class="notice is-bad">
          <b>{violation.invariant} fell.</b> {violation.sentence} The run ends here.
        </p>
      )}
      {isAtEnd && (
        <p class="notice">Nothing more happens by itself: start a server again, or go back.</p>
      )}
      {complaint !== null && (
        <p class="notice is-bad">
          {complaint}
          <button type="button" class="button is-small" onClick={onForgetComplaint}>
            Close
          </button>
        </p>
      )}
      {fork !== null && (
        <p class="notice">
          You acted in the past: history forks here, and the {fork.lost}{' '}
          {fork.lost === 1 ? 'event' : 'events'} after event {fork.after} are gone.
          <button type="button" class="button is-small" aria-keyshortcuts="u" onClick={onUndo}>
            Undo
          </button>
          <button type="button" class="button is-small is-quiet" onClick={onForgetFork}>
            Keep
          </button>
        </p>
      )}
    </div>
  );
}
