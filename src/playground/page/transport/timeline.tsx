/** The run at a glance: terms as colours, elections, crashes and commits as ticks; to be dragged. */
import { useRef } from 'preact/hooks';
import { termClass } from '../../../pages/term.ts';
import type { Player } from '../player.ts';
import { Still } from '../still.tsx';
import { seconds } from './seconds.ts';

/** Ticks closer than that, in thousandths of the whole, are one. */
const CLOSE = 3;

export function Timeline({ player }: { readonly player: Player }) {
  const bar = useRef<HTMLDivElement>(null);
  const { tape, seen, at } = player;
  const wholeMs = Math.max(tape.timeline.timeOf(seen), 1);
  const share = (event: number) => (1000 * tape.timeline.timeOf(event)) / wholeMs;
  const seekTo = (clientX: number) => {
    if (bar.current === null) return;
    const { left, width } = bar.current.getBoundingClientRect();
    const fraction = Math.min(Math.max((clientX - left) / width, 0), 1);
    player.goTo(Math.min(tape.timeline.eventAt(fraction * wholeMs), seen));
  };
  return (
    <div
      class="timeline"
      ref={bar}
      role="slider"
      tabIndex={0}
      aria-label="Place in the run"
      aria-valuemin={0}
      aria-valuemax={seen}
      aria-valuenow={at}
      aria-valuetext={`event ${at} of ${seen}, ${seconds(player.frame.atMs)}`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        seekTo(event.clientX);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) seekTo(event.clientX);
      }}
      onKeyDown={(event) => {
        const by = steps[event.key];
        if (by === undefined) return;
        event.preventDefault();
        event.stopPropagation();
        if (by === 'start') player.goTo(0);
        else if (by === 'end') player.goTo(seen);
        else player.step(event.shiftKey ? 10 * by : by);
      }}
    >
      <Still on={[tape, seen]} draw={() => <Picture player={player} share={share} />} />
      <span class="timeline-rest" style={{ left: `${share(at) / 10}%` }} />
      <span class="timeline-hand" style={{ left: `${share(at) / 10}%` }} />
    </div>
  );
}

const steps: Readonly<Record<string, number | 'start' | 'end'>> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -20,
  PageUp: 20,
  Home: 'start',
  End: 'end',
};

function Picture({
  player: { tape, seen },
  share,
}: {
  readonly player: Player;
  readonly share: (event: number) => number;
}) {
  const spans = tape.timeline.spans.filter(({ from }) => from <= seen);
  const drawn = new Map<string, number>();
  const marks = tape.timeline.marks.filter(({ at, kind }) => {
    if (at > seen) return false;
    const place = share(at);
    const isClose = place - (drawn.get(kind) ?? Number.NEGATIVE_INFINITY) < CLOSE;
    if (!isClose) drawn.set(kind, place);
    return !isClose;
  });
  return (
    <svg viewBox="0 0 1000 28" preserveAspectRatio="none" aria-hidden="true">
      {spans.map(({ from, term }, index) => {
        const x = share(from);
        const end = spans[index + 1];
        // Shares are fractions: an end may come out a hair before its beginning.
        const width = Math.max(0, (end === undefined ? 1000 : share(end.from)) - x);
        return (
          <rect
            key={from}
            class={`span ${termClass(term)}`}
            x={x}
            y="10"
            width={width}
            height="8"
          />
        );
      })}
      {marks.map(({ at, kind }) => (
        <rect
          key={`${kind}${at}`}
          class={`mark is-${kind}`}
          x={share(at) - 1}
          y={kind === 'commit' ? 19 : 2}
          width="2"
          height={kind === 'commit' ? 5 : 7}
        />
      ))}
    </svg>
  );
}
