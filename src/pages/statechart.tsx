/**
 * A machine's statechart, live: active states highlighted, transitions flashing as they are taken,
 * delays running out along their arrows. The picture is drawn once; what changes is touched in place.
 */
import './statechart.css';
import { computed, type ReadonlySignal, useSignal } from '@preact/signals';
import { useId, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import type { LaidOutChart } from '../diagram/laid-out.ts';
import { useSize } from './size.ts';
import { keyOfDelay, Picture } from './statechart-picture.tsx';
import { scaleOf } from './statechart-place.ts';
import { becomeTabStop, fade, follow } from './statechart-view.ts';
import { useSettled } from './timed.ts';
import { ZoomSwitch, zoom } from './zoom-switch.tsx';

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
  readonly active: readonly string[];
  /** The number of the last event, and the ids of the transitions taken with an event. */
  readonly event: number;
  readonly takenAt: (event: number) => readonly string[];
  /** At most this many events between two pictures flash together. */
  readonly togetherMax: number;
  /** What it is a chart of, for screen readers. */
  readonly name: string;
  readonly timers?: readonly ChartTimer[];
  /** The time that they run out by. */
  readonly nowMs?: ReadonlySignal<number>;
}

const NONE: readonly never[] = [];
const NO_STATES: ReadonlySet<string> = new Set();
/** Until it has been measured. */
const FIRST_SIZE = { width: 400, height: 400 };

export function Statechart(props: StatechartProps) {
  const { chart, active, event, takenAt, togetherMax, timers = NONE, nowMs, name } = props;
  const frame = useRef<HTMLElement>(null);
  const size = useSize(frame, FIRST_SIZE).value;
  const scale = scaleOf(chart, size, zoom.value);
  const activeNow = useSignal<ReadonlySet<string>>(new Set());
  const takenNow = useSignal({ ids: new Set<string>(), isOdd: false });
  const timersNow = useSignal(timers);
  const last = useRef({ event, name: '', chart });
  const sentenceId = useId();
  const label = `Statechart of ${name}`;
  const picture = useMemo(() => {
    const left = computed(() => sharesLeft(timersNow.value, nowMs?.value ?? 0));
    const highlights = { active: activeNow, taken: takenNow, left };
    return <Picture chart={chart} highlights={highlights} label={label} describedBy={sentenceId} />;
  }, [chart, label, sentenceId, nowMs]);
  useLayoutEffect(() => {
    if (frame.current === null) return;
    follow(frame.current, chart, scale, activeNow.peek());
    becomeTabStop(frame.current);
    fade(frame.current);
  }, [chart, scale, size]);
  useLayoutEffect(() => {
    const before = last.current.chart === chart ? activeNow.peek() : NO_STATES;
    activeNow.value = new Set(active);
    if (frame.current) follow(frame.current, chart, scale, activeNow.peek(), before);
  }, [chart, active.join(' ')]);
  useLayoutEffect(() => {
    const { event: before, name: shown } = last.current;
    last.current = { event, name, chart };
    const passed = event - before;
    const isForth = shown === name && passed > 0 && passed <= togetherMax;
    const events = Array.from({ length: isForth ? passed : 1 }, (_, at) => event - at);
    const ids = new Set(events.flatMap(takenAt));
    // The transitions taken last stay marked until others are taken.
    if (isForth && ids.size === 0 && active.length > 0) return;
    takenNow.value = { ids, isOdd: !takenNow.peek().isOdd };
  }, [chart, name, event]);
  useLayoutEffect(() => {
    timersNow.value = timers;
  }, [timers]);
  return (
    <div class="statechart-place">
      <section
        class="statechart"
        ref={frame}
        style={{ '--scale': scale }}
        aria-label={label}
        onScroll={({ currentTarget }) => fade(currentTarget)}
      >
        {picture}
        <p class="visually-hidden" role="status" id={sentenceId}>
          {useSettled(activeSentence(chart, active), SAID_AFTER_MS)}
        </p>
      </section>
      <ZoomSwitch />
    </div>
  );
}

function sharesLeft(timers: readonly ChartTimer[], nowMs: number): ReadonlyMap<string, number> {
  return new Map(
    timers.map(({ state, delay, startedAtMs, dueAtMs }) => {
      const share = (dueAtMs - nowMs) / Math.max(dueAtMs - startedAtMs, 0.001);
      return [keyOfDelay(state, delay), Math.min(1, Math.max(0, share))];
    }),
  );
}

/** Announced when it has stayed so for a moment: during a fast run nobody could follow it. */
const SAID_AFTER_MS = 600;

function activeSentence(chart: LaidOutChart, active: readonly string[]): string {
  const names = chart.boxes
    .filter(({ state, depth }) => depth > 0 && active.includes(state))
    .map(({ name }) => name);
  return names.length === 0 ? 'No state is active.' : `Active: ${names.join(', ')}.`;
}
