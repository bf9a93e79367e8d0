/** What happened and why, newest first: sentences of the feed, each leading to its event. */
import type { Frame } from '../../frame.ts';
import type { Stage } from '../stage.ts';

export function FeedPanel({ stage, frame }: { readonly stage: Stage; readonly frame: Frame }) {
  return <p class="empty">{frame.happenings.length + stage.player.at}</p>;
}
