/**
 * A live statechart: the same drawing as the SVG file's, in the page's colours. It is drawn once; what
 * changes are attributes that depend on signals.
 */
import { computed, type ReadonlySignal } from '@preact/signals';
import { Fragment } from 'preact';
import type { Box, Label, LaidOutArrow, LaidOutChart, Start } from '../diagram/laid-out.ts';
import { headOfArrow, pathThrough } from '../diagram/shapes.ts';
import { classes } from './controls.tsx';

/** What is highlighted in it. */
export interface Highlights {
  readonly active: ReadonlySignal<ReadonlySet<string>>;
  /** The transitions that were taken last; `isOdd` is another each time, so that they flash anew. */
  readonly taken: ReadonlySignal<{ readonly ids: ReadonlySet<string>; readonly isOdd: boolean }>;
  /** How much is left of the delays that run out, by `keyOfDelay`. */
  readonly left: ReadonlySignal<ReadonlyMap<string, number>>;
}

export function keyOfDelay(state: string, delay: string | null): string {
  return `${state} ${delay}`;
}

interface PictureProps {
  readonly chart: LaidOutChart;
  readonly highlights: Highlights;
  readonly label: string;
  readonly describedBy: string;
}

export function Picture({ chart, highlights, label, describedBy }: PictureProps) {
  const { width, height, boxes, arrows, starts } = chart;
  // What is written in boxes stands over the arrows that cross it.
  const [outermost, inner] = [boxes.slice(0, 1), boxes.slice(1)];
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      style={{ '--natural-width': `${width}px` }}
      role="img"
      aria-label={label}
      aria-describedby={describedBy}
    >
      {outermost.map((box) => boxShape(box, highlights))}
      {starts.map(startShape)}
      {arrows.map((arrow) => arrowShape(arrow, highlights))}
      {inner.map((box) => boxShape(box, highlights))}
    </svg>
  );
}

function boxShape(box: Box, highlights: Highlights) {
  const { state, kind, x, y, width, height, headHeight, title, name, labels } = box;
  const isOpen = headHeight < height;
  const look = computed(() => {
    const isActive = highlights.active.value.has(state);
    return classes('state', kind, isOpen && 'open', isActive && 'is-active');
  });
  return (
    <Fragment key={state}>
      <g class={look} data-state={state}>
        <rect x={x} y={y} width={width} height={height} rx="9" />
        {kind === 'final' && (
          <rect x={x + 3} y={y + 3} width={width - 6} height={height - 6} rx="6" />
        )}
        {isOpen && <path class="rule" d={`M${x} ${y + headHeight}h${width}`} />}
        <text x={title.x} y={title.y}>
          {name}
        </text>
      </g>
      <g class={isOpen ? 'open' : ''}>{labels.map((label) => labelShape(label, highlights))}</g>
    </Fragment>
  );
}

function startShape({ state, dot, points }: Start) {
  return (
    <g class="start" key={state}>
      <circle cx={dot.x} cy={dot.y} r="4" />
      <path class="shaft" d={pathThrough(points)} />
      <path class="tip" d={headOfArrow(points)} />
    </g>
  );
}

function takenLook(name: string, transitions: readonly string[], { taken }: Highlights) {
  return computed(() => {
    const { ids, isOdd } = taken.value;
    const isTaken = transitions.some((id) => ids.has(id));
    return classes(name, isTaken && 'is-taken', isTaken && isOdd && 'is-odd');
  });
}

function arrowShape(arrow: LaidOutArrow, highlights: Highlights) {
  const { from, to, points, labels, transitions } = arrow;
  const path = pathThrough(points);
  const delayed = labels.find(({ delay }) => delay !== null);
  return (
    <Fragment key={`${from} ${to}`}>
      <g class={takenLook('arrow', transitions, highlights)} data-from={from} data-to={to}>
        <path class="shaft" d={path} />
        {delayed && shaftFuse(path, leftOf(delayed, highlights))}
        <path class="tip" d={headOfArrow(points)} />
      </g>
      {labels.map((label) => labelShape(label, highlights))}
    </Fragment>
  );
}

function leftOf({ state, delay }: Label, { left }: Highlights): ReadonlySignal<number> {
  return computed(() => left.value.get(keyOfDelay(state, delay)) ?? 0);
}

/** Beside what is left of it there is nothing. */
function shaftFuse(path: string, left: ReadonlySignal<number>) {
  const dashes = computed(() => `${left.value} 2`);
  const offset = computed(() => left.value - 1);
  return (
    <path
      class="fuse"
      d={path}
      pathLength={1}
      stroke-dasharray={dashes}
      stroke-dashoffset={offset}
    />
  );
}

function labelShape(label: Label, highlights: Highlights) {
  const { x, y, width, height, rows, transitions, delay } = label;
  const fuse = delay !== null && leftOf(label, highlights);
  return (
    <g
      key={`${x} ${y}`}
      class={takenLook('saying', transitions, highlights)}
      data-transition={transitions.join(' ') || undefined}
    >
      <rect class="glow" x={x - 4} y={y - 1} width={width + 8} height={height + 2} rx="4" />
      {fuse && (
        <rect
          class="fuse"
          x={x}
          y={y + height - 1}
          width={computed(() => width * fuse.value)}
          height="2.5"
          rx="1"
        />
      )}
      {rows.map((row) => (
        <text key={row.y} x={row.x} y={row.y}>
          {row.parts.map(({ kind, text }, at) => (
            <tspan key={at} class={kind}>
              {at === 0 ? text : ` ${text}`}
            </tspan>
          ))}
        </text>
      ))}
    </g>
  );
}
