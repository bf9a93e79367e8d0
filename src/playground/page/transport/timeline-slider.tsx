/** The run at a glance: terms as colours, elections, crashes and commits as ticks; to be dragged. */
import { Memo } from '../../../pages/controls.tsx';
import { termClass } from '../../../pages/term.ts';
import type { Frame } from '../../frame.ts';
import type { RunTimeline } from '../../timeline.ts';
import type { Player } from '../player.ts';
import { seconds } from './time-words.ts';

/** Ticks closer than that, in thousandths of the whole, are one. */
const CLOSE = 3;

const STEPS: Readonly<Record<string, number>> = {
  ArrowLeft: -1,
  ArrowDown: -1,
  ArrowRight: 1,
  ArrowUp: 1,
  PageDown: -20,
  PageUp: 20,
};

interface TimelineSliderProps {
  readonly player: Player;
  readonly frame: Frame;
}

export function TimelineSlider({ player, frame: { number: at, atMs } }: TimelineSliderProps) {
  const { recording, seen } = player;
  const { timeline } = recording.value;
  const wholeMs = Math.max(timeline.timeOf(seen), 1);
  const share = (event: number) => (1000 * timeline.timeOf(event)) / wholeMs;
  const seekTo = ({ clientX, currentTarget }: PointerEvent & { currentTarget: Element }) => {
    const { left, width } = currentTarget.getBoundingClientRect();
    const fraction = Math.min(Math.max((clientX - left) / width, 0), 1);
    void player.goTo(Math.min(timeline.eventAt(fraction * wholeMs), seen));
  };
  const walk = (event: KeyboardEvent) => {
    const { key, shiftKey } = event;
    const by = STEPS[key];
    if (by !== undefined) void player.step(shiftKey ? 10 * by : by);
    else if (key === 'Home' || key === 'End') void player.goTo(key === 'Home' ? 0 : seen);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      class="timeline"
      role="slider"
      tabIndex={0}
      aria-label="Place in the run"
      aria-valuemin={0}
      aria-valuemax={seen}
      aria-valuenow={at}
      aria-valuetext={`event ${at} of ${seen}, ${seconds(atMs)}`}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        seekTo(event);
      }}
      onPointerMove={(event) => {
        if (event.currentTarget.hasPointerCapture(event.pointerId)) seekTo(event);
      }}
      onKeyDown={walk}
    >
      <Memo on={[timeline, seen]}>{() => pictureOf(timeline, seen, share)}</Memo>
      <span class="timeline-rest" style={{ left: `${share(at) / 10}%` }} />
      <span class="timeline-hand" style={{ left: `${share(at) / 10}%` }} />
    </div>
  );
}

function pictureOf(
  { spans: all, marks }: RunTimeline,
  seen: number,
  share: (event: number) => number,
) {
  const spans = all.filter(({ from }) => from <= seen);
  const drawn = new Map<string, number>();
  const apart = marks.filter(({ at, kind }) => {
    if (at > seen) return false;
    const isClose = share(at) - (drawn.get(kind) ?? Number.NEGATIVE_INFINITY) < CLOSE;
    if (!isClose) drawn.set(kind, share(at));
    return !isClose;
  });
  return (
    <svg viewBox="0 0 1000 28" preserveAspectRatio="none" aria-hidden="true">
      {spans.map(({ from, term }, index) => {
        const x = share(from);
        const end = spans[index + 1];
        // Shares are rounded: an end may come out slightly before its beginning.
        const width = Math.max(0, (end === undefined ? 1000 : share(end.from)) - x);
        const look = `span ${termClass(term)}`;
        return <rect key={from} class={look} x={x} y="10" width={width} height="8" />;
      })}
      {apart.map(({ at, kind }) => {
        const [y, height] = kind === 'commit' ? [19, 5] : [2, 7];
        const look = `mark is-${kind}`;
        const x = share(at) - 1;
        return <rect key={`${kind}${at}`} class={look} x={x} y={y} width="2" height={height} />;
      })}
    </svg>
  );
}
