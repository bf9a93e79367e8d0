/**
 * A machine's statechart, live: active states lit, transitions flashing as they are taken, delays
 * running out along their arrows. The picture is drawn once; what changes is touched in place.
 */
import './statechart.css';
import type { RefObject } from 'preact';
import { useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LaidOutChart } from '../diagram/laid-out.ts';
import { type Lamps, lampsOf } from './statechart-lamps.ts';
import { Picture } from './statechart-picture.tsx';
import type { Zoom } from './statechart-place.ts';
import { type View, viewOf } from './statechart-view.ts';
import { ZoomSwitch } from './statechart-zoom.tsx';

/** A delay that is running. */
export interface ChartTimer {
  readonly delay: string;
  /** The id of the state whose arrow it is. */
  readonly state: string;
  readonly startedAtMs: number;
  readonly dueAtMs: number;
}

export interface StatechartProps {
  readonly chart: LaidOutChart;
  /** Ids of the active states. */
  readonly active: ReadonlySet<string> | readonly string[];
  /** Ids of the transitions that were taken last; another key flashes them anew. */
  readonly taken?: { readonly ids: readonly string[]; readonly key: number | string };
  readonly timers?: readonly ChartTimer[];
  readonly nowMs?: number;
  /** How large it is drawn; as it suits its place if null. */
  readonly zoom: Zoom | null;
  readonly onZoom: (zoom: Zoom | null) => void;
  /** What it is a chart of, for those who do not see it; the machine's name if absent. */
  readonly name?: string;
}

const none: readonly never[] = [];

export function Statechart(props: StatechartProps) {
  const { zoom, onZoom } = props;
  const { chart, active, taken, timers = none, nowMs = 0, name = chart.id } = props;
  const frame = useRef<HTMLElement>(null);
  const lamps = useRef<Lamps | null>(null);
  const says = useId();
  const label = `Statechart of ${name}`;
  const picture = useMemo(
    () => <Picture chart={chart} label={label} describedBy={says} />,
    [chart, label, says],
  );
  useLayoutEffect(() => {
    lamps.current = frame.current === null ? null : lampsOf(frame.current, chart);
  }, [chart]);
  useLayoutEffect(() => lamps.current?.light(active), [chart, active]);
  useLayoutEffect(() => lamps.current?.flash(taken?.ids ?? none), [chart, taken?.key]);
  useLayoutEffect(() => lamps.current?.drain(timers, nowMs), [chart, timers, nowMs]);
  useSight(frame, props);
  return (
    <div class="statechart-place">
      <section class="statechart" ref={frame} aria-label={label}>
        {picture}
        <ActiveStates id={says} chart={chart} active={active} />
      </section>
      <ZoomSwitch zoom={zoom} onZoom={onZoom} />
    </div>
  );
}

/** Keeps what is active in sight, at the size that was chosen. */
function useSight(
  frame: RefObject<HTMLElement | null>,
  { chart, active, zoom }: StatechartProps,
): void {
  const view = useRef<View | null>(null);
  useLayoutEffect(() => {
    if (frame.current === null) return;
    view.current = viewOf(frame.current, chart);
    return () => view.current?.close();
  }, [chart]);
  useLayoutEffect(() => view.current?.zoom(zoom), [chart, zoom]);
  useLayoutEffect(() => view.current?.follow(active), [chart, [...active].join(' ')]);
}

/** Said when it has been so for a moment: during a fast run nobody could follow. */
const SAID_AFTER_MS = 600;

interface ActiveStatesProps extends Pick<StatechartProps, 'chart' | 'active'> {
  readonly id: string;
}

function ActiveStates({ id, chart, active }: ActiveStatesProps) {
  const sentence = sentenceOf(chart, active);
  const [said, say] = useState(sentence);
  useEffect(() => {
    const timeout = setTimeout(() => say(sentence), SAID_AFTER_MS);
    return () => clearTimeout(timeout);
  }, [sentence]);
  return (
    <p class="visually-hidden" role="status" id={id}>
      {said}
    </p>
  );
}

function sentenceOf(chart: LaidOutChart, active: StatechartProps['active']): string {
  const ids = new Set(active);
  const names = chart.boxes
    .filter(({ state, depth }) => depth > 0 && ids.has(state))
    .map(({ name }) => name);
  return names.length === 0 ? 'No state is active.' : `Active: ${names.join(', ')}.`;
}
