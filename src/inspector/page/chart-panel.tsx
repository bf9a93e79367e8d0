/** The statechart of the chosen actor: where it stands, and what it has just taken. */
import charts from 'virtual:charts';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LaidOutChart } from '#diagram/laid-out';
import { Statechart } from '#pages/statechart.tsx';
import type { Moment } from '../moment.ts';
import type { ServerStory } from '../server-story.ts';
import { leavesOf } from './actor-tree.tsx';
import type { Desk } from './desk.ts';

const OUR_CHARTS = new Map<string, LaidOutChart>(Object.entries(charts));

/** Transitions taken since the last picture are lit together, as far back as this. */
const TOGETHER_MAX = 64;

/** 0 is the whole chart, 1 is as wide as the panel. */
const ZOOMS = [0, 1, 1.5, 2.2] as const;

export function ChartPanel({ desk }: { readonly desk: Desk }) {
  const [zoom, setZoom] = useState(1);
  const { server, view, moment } = desk;
  const actor = server?.actors.get(view.actor);
  if (server === null || actor === undefined) {
    return <p class="soft empty">Choose an actor to see its statechart.</p>;
  }
  const chart = chartOf(server, actor.machine);
  return (
    <>
      <header class="panel-head">
        <h2>
          <span class="soft">{server.id}</span> {view.actor}
        </h2>
        <p class="soft">{moment === null ? 'not there' : leavesOf(moment.active).join(' + ')}</p>
        {chart !== null && <Zoom step={zoom} onStep={setZoom} />}
      </header>
      {chart === null ? (
        <NoChart machine={actor.machine} moment={moment} />
      ) : (
        <Live
          key={`${server.id} ${view.actor}`}
          desk={desk}
          chart={chart}
          moment={moment}
          zoom={ZOOMS[zoom] ?? 1}
        />
      )}
    </>
  );
}

function chartOf(server: ServerStory, machine: string): LaidOutChart | null {
  const own = server.charts.get(machine) as LaidOutChart | undefined;
  if (own !== undefined) return own;
  if (server.hello?.source !== 'server') return null;
  return OUR_CHARTS.get(machine) ?? null;
}

interface LiveProps {
  readonly desk: Desk;
  readonly chart: LaidOutChart;
  readonly moment: Moment | null;
  readonly zoom: number;
}

function Live({ desk, chart, moment, zoom }: LiveProps) {
  const { server, view } = desk;
  const drawn = useRef(-1);
  const number = moment?.number ?? -1;
  const taken = useMemo(() => {
    const since = view.position === null ? drawn.current : number - 1;
    drawn.current = number;
    return {
      key: number,
      ids: server === null ? [] : takenSince(server, view.actor, since, number),
    };
  }, [number, view.position === null]);
  const name = `${view.actor} of ${view.server}`;
  const frame = useRef<HTMLDivElement>(null);
  const active = moment?.active ?? [];
  useEffect(() => showActive(frame.current), [active.join(' '), zoom]);
  return (
    <div
      class={`chart-frame ${zoom === 0 ? 'is-whole' : ''}`}
      ref={frame}
      style={{ '--zoom': zoom }}
    >
      <Statechart chart={chart} active={active} taken={taken} name={name} />
    </div>
  );
}

/** The innermost active states are brought into sight when the picture is larger than its place. */
function showActive(frame: HTMLElement | null): void {
  const scroller = frame?.querySelector('.statechart');
  const states = [...(frame?.querySelectorAll('.state.is-active') ?? [])];
  const last = states.at(-1);
  if (!scroller || last === undefined) return;
  const place = scroller.getBoundingClientRect();
  const box = last.getBoundingClientRect();
  const isInSight =
    box.top >= place.top &&
    box.bottom <= place.bottom &&
    box.left >= place.left &&
    box.right <= place.right;
  if (isInSight) return;
  scroller.scrollTo({
    top: scroller.scrollTop + (box.top + box.bottom - place.top - place.bottom) / 2,
    left: scroller.scrollLeft + (box.left + box.right - place.left - place.right) / 2,
    behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth',
  });
}

interface ZoomProps {
  readonly step: number;
  readonly onStep: (step: number) => void;
}

function Zoom({ step, onStep }: ZoomProps) {
  return (
    <div class="zoom">
      <button
        type="button"
        class="button is-quiet is-small"
        aria-label="Smaller chart"
        disabled={step === 0}
        onClick={() => onStep(step - 1)}
      >
        −
      </button>
      <button
        type="button"
        class="button is-quiet is-small"
        aria-label="Larger chart"
        disabled={step === ZOOMS.length - 1}
        onClick={() => onStep(step + 1)}
      >
        +
      </button>
    </div>
  );
}

function takenSince(
  { moments }: ServerStory,
  actor: string,
  since: number,
  until: number,
): readonly string[] {
  const ids = new Set<string>();
  for (let number = until; number > Math.max(since, until - TOGETHER_MAX); number -= 1) {
    const moment = moments.at(number);
    if (moment?.actor === actor) for (const id of moment.taken) ids.add(id);
  }
  return [...ids];
}

function NoChart({ machine, moment }: { machine: string; moment: Moment | null }) {
  return (
    <p class="empty soft">
      {machine === ''
        ? 'This actor is no machine: it has no statechart.'
        : `No chart of ${machine}.`}
      {moment !== null &&
        moment.active.length > 0 &&
        ` Active: ${leavesOf(moment.active).join(' + ')}.`}
    </p>
  );
}
