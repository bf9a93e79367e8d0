/** What a leader's replication actors believe of their followers (Figure 2, `nextIndex`): invariant 15. */
import { followerOf } from '../../../machines/rules/replication.ts';
import type { RefereeContext } from './context.ts';
import type { ServerView } from './server-view.ts';

interface Believed {
  readonly nextIndex: number;
  readonly matchIndex: number;
}

/** @param context a replication actor's; tests put other actors in its place, which believe nothing */
export function checkProgress(
  { id, state }: ServerView,
  followerId: string,
  context: unknown,
  { violate }: RefereeContext,
): void {
  if (!state?.leadership || !isProgress(context)) return;
  const { nextIndex, matchIndex } = context;
  const { lastIndex } = state.log;
  const known = followerOf(state, followerId)?.matchIndex ?? 0;
  if (matchIndex <= known && matchIndex < nextIndex && nextIndex <= lastIndex + 1) return;
  violate(
    'Next Index',
    `the replication actor of leader ${id} for ${followerId} has matchIndex ${matchIndex} and ` +
      `nextIndex ${nextIndex}; the leader knows of ${known}, and its log ends at ${lastIndex}`,
  );
}

function isProgress(context: unknown): context is Believed {
  const { nextIndex, matchIndex } = (context ?? {}) as Partial<Believed>;
  return typeof nextIndex === 'number' && typeof matchIndex === 'number';
}
