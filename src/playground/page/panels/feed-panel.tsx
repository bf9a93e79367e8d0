/** What happened and why, newest first: sentences of the feed, each leading to its event. */

import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { bound, Checkbox, setting } from '../../../pages/controls.tsx';
import { walkButtons } from '../../../pages/shortcuts.ts';
import { linesThrough } from '../../feed-lines.ts';
import type { OfFrame } from '../store.ts';
import { seconds } from '../transport/time-words.ts';

export function FeedPanel({ store: { player }, frame }: OfFrame) {
  const isWhole = useSignal(false);
  /** The line that was in focus last: the whole list is one stop of Tab. */
  const held = useSignal('');
  const lines = useMemo(
    () => linesThrough(player.recording.peek(), frame.number, isWhole.value),
    [frame, isWhole.value],
  );
  const stop = lines.find(({ key }) => key === held.value) ?? lines[0];
  return (
    <>
      <div class="area-head">
        <h2 class="label">What happens, and why</h2>
        <Checkbox {...bound(isWhole)}>every detail</Checkbox>
      </div>
      <ol class="feed" aria-label="Events, newest first" onKeyDown={walkButtons}>
        {lines.map((line) => (
          <li
            key={line.key}
            class={`is-${line.look} ${line.event === frame.number ? 'is-new' : ''}`}
          >
            <time>{seconds(line.atMs)}</time>
            <button
              type="button"
              class="line"
              title={`Go to event ${line.event}${line.times > 1 ? `, the last of ${line.times}` : ''}`}
              tabIndex={line === stop ? 0 : -1}
              onFocus={setting(held, line.key)}
              onClick={() => player.goTo(line.event)}
            >
              {line.text}
              {line.times > 1 && <span class="soft"> ×{line.times}</span>}
              {line.citation !== null && <cite> {line.citation}</cite>}
            </button>
          </li>
        ))}
      </ol>
      {lines.length === 0 && (
        <p class="empty">
          {frame.number === 0
            ? 'Nothing yet: the servers wait.'
            : 'Nothing but heartbeats for a long while: “every detail” shows them.'}
        </p>
      )}
    </>
  );
}
