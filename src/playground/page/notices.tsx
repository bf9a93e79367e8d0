/** What the page has to say about itself: history forked, a link that could not be read. */
import { useEffect } from 'preact/hooks';
import type { Frame } from '../frame.ts';
import type { Recording } from '../recording.ts';
import type { Fork } from './player.ts';

/** Each is one of its own, even if it says the same again. */
export interface Remark {
  readonly sentence: string;
  /** Of the run that it is about. */
  readonly tape: Recording;
  /** Whether there is still a reason to say it. */
  readonly isSo: (frame: Frame) => boolean;
}

const REMARK_MS = 6_000;

export function Notices({
  fork,
  isAtEnd,
  complaint,
  violation,
  remark,
  progress,
  isCalmBeginning,
  onForgetRemark,
  onUndo,
  onForgetFork,
  onForgetComplaint,
}: {
  readonly fork: Fork | null;
  /** Nothing will happen by itself any more. */
  readonly isAtEnd: boolean;
  readonly complaint: string | null;
  readonly violation: { readonly invariant: string; readonly sentence: string } | null;
  readonly remark: Remark | null;
  /** Of a run that is played again before it is shown. */
  readonly progress: { readonly events: number; readonly of: number } | null;
  /** Nothing has happened yet, and begins only when one says so. */
  readonly isCalmBeginning: boolean;
  readonly onForgetRemark: () => void;
  readonly onUndo: () => void;
  readonly onForgetFork: () => void;
  readonly onForgetComplaint: () => void;
}) {
  useEffect(() => {
    if (remark === null) return;
    const timeout = setTimeout(onForgetRemark, REMARK_MS);
    return () => clearTimeout(timeout);
  }, [remark]);
  return (
    <div class="notices" role="status">
      {remark !== null && <p class="notice is-remark">{remark.sentence}</p>}
      {progress !== null && (
        <p class="notice">
          Playing that run again: event {progress.events} of {progress.of}
        </p>
      )}
      {isCalmBeginning && (
        <p class="notice">
          Your system asks for less motion, so time stands until you say: Play lets it go on,
          Forward goes one event on.
        </p>
      )}
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
