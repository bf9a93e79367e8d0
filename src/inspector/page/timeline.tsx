/** Where in what is kept the page stands: the present, or a moment that somebody looks at. */
import './timeline.css';
import type { Desk } from './desk.ts';
import { counted, exactTime } from './times.ts';

const STEPS = 1_000;

export function Timeline({ desk }: { readonly desk: Desk }) {
  const { view, story } = desk;
  const { span } = story;
  const isLive = view.position === null;
  const isFile = view.file !== null;
  const lastMs = span?.untilMs ?? 0;
  const atMs = view.position?.atMs ?? lastMs;
  const lengthMs = span === null ? 0 : span.untilMs - span.fromMs;
  const share = span === null || lengthMs === 0 ? 1 : (atMs - span.fromMs) / lengthMs;
  return (
    <section class="timeline" aria-label="Time">
      <button
        type="button"
        class={`button ${isLive || isFile ? '' : 'is-primary'}`}
        disabled={span === null}
        onClick={() => desk.toggleTime()}
      >
        {goesOn(desk) ? 'Pause' : isFile ? 'Play' : 'Live'}
      </button>
      <button
        type="button"
        class="button is-square"
        aria-label="Previous event of this actor"
        disabled={span === null}
        onClick={() => desk.step(-1)}
      >
        ←
      </button>
      <button
        type="button"
        class="button is-square"
        aria-label="Next event of this actor"
        disabled={isLive}
        onClick={() => desk.step(1)}
      >
        →
      </button>
      <input
        type="range"
        min={0}
        max={STEPS}
        value={Math.round(Math.max(0, Math.min(1, share)) * STEPS)}
        disabled={span === null}
        aria-label="Moment shown"
        aria-valuetext={isLive ? 'the present' : exactTime(atMs)}
        onInput={({ currentTarget }) => {
          const value = currentTarget.valueAsNumber;
          if (span === null) return;
          if (value === STEPS && !isFile) desk.goLive();
          else desk.seek(span.fromMs + (lengthMs * value) / STEPS);
        }}
      />
      <p class="timeline-words" role="status">
        <Words desk={desk} atMs={atMs} hasBegun={span !== null} />
      </p>
    </section>
  );
}

function goesOn({ view, playback }: Desk): boolean {
  return view.file === null ? view.position === null : playback.isPlaying;
}

interface WordsProps {
  readonly desk: Desk;
  readonly atMs: number;
  readonly hasBegun: boolean;
}

function Words({ desk, atMs, hasBegun }: WordsProps) {
  const { view } = desk;
  if (!hasBegun) return <span class="soft">waiting</span>;
  if (view.position === null)
    return <span class="live">{view.file === null ? 'live' : 'end'}</span>;
  return (
    <>
      <time class="number">{exactTime(atMs)}</time>
      <span class="soft">
        {view.file === null && desk.since > 0 && ` +${counted(desk.since)} events`}
      </span>
    </>
  );
}
