/** What happened and why, newest first: sentences of the feed, each leading to its event. */
import { useMemo, useState } from 'preact/hooks';
import { citationOf, sentenceOf } from '#feed/sentences';
import type { Frame } from '../../frame.ts';
import type { Recording } from '../../recording.ts';
import { actionWords } from '../deeds.ts';
import type { Stage } from '../stage.ts';
import { seconds } from '../transport/seconds.ts';

const LINES_MAX = 60;
/** So far back it looks for lines, when little happens that is worth one. */
const EVENTS_MAX = 2_000;

interface Line {
  readonly key: string;
  readonly event: number;
  readonly atMs: number;
  readonly text: string;
  readonly citation: string | null;
  readonly look: 'deed' | 'high' | 'normal' | 'low';
}

export function FeedPanel({ stage, frame }: { readonly stage: Stage; readonly frame: Frame }) {
  const [isWhole, setWhole] = useState(false);
  const { player } = stage;
  const lines = useMemo(
    () => linesThrough(player.tape, frame.number, isWhole),
    [player.tape, frame, isWhole],
  );
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
      <ol class="feed" aria-label="Events, newest first">
        {lines.map(({ key, event, atMs, text, citation, look }) => (
          <li key={key} class={`is-${look} ${event === frame.number ? 'is-new' : ''}`}>
            <time>{seconds(atMs)}</time>
            <button
              type="button"
              title={`Go to event ${event}`}
              onClick={() => {
                player.pause();
                player.seek(event);
              }}
            >
              {text}
              {citation !== null && <cite> {citation}</cite>}
            </button>
          </li>
        ))}
      </ol>
      {lines.length === 0 && <p class="empty">Nothing yet: the servers wait.</p>}
    </>
  );
}

function linesThrough(tape: Recording, last: number, isWhole: boolean): readonly Line[] {
  const lines: Line[] = [];
  const first = Math.max(0, last - EVENTS_MAX);
  for (
    let event = last;
    event >= first && lines.length < LINES_MAX && tape.has(event);
    event -= 1
  ) {
    lines.push(...linesOf(tape.frame(event), isWhole));
  }
  return lines.slice(0, LINES_MAX);
}

const known = new WeakMap<Frame, readonly Line[]>();

/** The latest first, as in the whole list. */
function linesOf(frame: Frame, isWhole: boolean): readonly Line[] {
  const lines = known.get(frame) ?? told(frame);
  known.set(frame, lines);
  return isWhole ? lines : lines.filter(({ look }) => look !== 'low');
}

function told({ number: event, atMs, action, happenings }: Frame): readonly Line[] {
  const lines = happenings.map((happening, at): Line => {
    const text = sentenceOf(happening);
    const citation = citationOf(happening);
    return { key: `${event}.${at}`, event, atMs, text, citation, look: happening.importance };
  });
  if (action === null) return lines.reverse();
  const text = `You: ${actionWords(action)}`;
  const deed: Line = { key: `${event}`, event, atMs, text, citation: null, look: 'deed' };
  return [deed, ...lines].reverse();
}
