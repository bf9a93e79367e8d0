/** What happened and why, newest first: sentences of the feed, each leading to its event. */
import { useMemo, useState } from 'preact/hooks';
import { linesThrough } from '../../feed-lines.ts';
import type { Frame } from '../../frame.ts';
import type { Stage } from '../stage.ts';
import { seconds } from '../transport/seconds.ts';

export function FeedPanel({ stage, frame }: { readonly stage: Stage; readonly frame: Frame }) {
  const [isWhole, setWhole] = useState(false);
  const [held, hold] = useState<string | null>(null);
  const { player } = stage;
  const lines = useMemo(
    () => linesThrough(player.tape, frame.number, isWhole),
    [player.tape, frame, isWhole],
  );
  const stop = lines.some(({ key }) => key === held) ? held : lines[0]?.key;
  return (
    <>
      <div class="area-head">
        <h2 class="label">What happens, and why</h2>
        <label class="check">
          <input
            type="checkbox"
            checked={isWhole}
            onChange={({ currentTarget }) => setWhole(currentTarget.checked)}
          />
          every detail
        </label>
      </div>
      <ol class="feed" aria-label="Events, newest first" onKeyDown={walk}>
        {lines.map(({ key, event, atMs, text, citation, look, times }) => (
          <li key={key} class={`is-${look} ${event === frame.number ? 'is-new' : ''}`}>
            <time>{seconds(atMs)}</time>
            <button
              type="button"
              class="line"
              title={
                times === 1 ? `Go to event ${event}` : `Go to event ${event}, the last of ${times}`
              }
              tabIndex={key === stop ? 0 : -1}
              onFocus={() => hold(key)}
              onClick={() => player.goTo(event)}
            >
              {text}
              {times > 1 && <span class="soft"> ×{times}</span>}
              {citation !== null && <cite> {citation}</cite>}
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

/** The whole list is one stop of Tab; arrows go from line to line. */
function walk(event: KeyboardEvent): void {
  const { key, target, currentTarget } = event;
  if (!(target instanceof HTMLButtonElement && currentTarget instanceof Element)) return;
  const by = key === 'ArrowDown' ? 1 : key === 'ArrowUp' ? -1 : 0;
  if (by === 0) return;
  event.preventDefault();
  const lines = [...currentTarget.querySelectorAll('button')];
  lines[lines.indexOf(target) + by]?.focus();
}
