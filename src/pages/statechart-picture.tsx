/** The still part of a live statechart: the same drawing as the SVG file's, in the page's colours. */
import type { Box, Label, LaidOutArrow, LaidOutChart, Start } from '../diagram/laid-out.ts';
import { headOfArrow, pathThrough } from '../diagram/shapes.ts';

interface PictureProps {
  readonly chart: LaidOutChart;
  readonly label: string;
  readonly describedBy: string;
}

export function Picture({ chart, label, describedBy }: PictureProps) {
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
      {outermost.map((box) => (
        <BoxShape key={box.state} box={box} />
      ))}
      {starts.map((start) => (
        <StartShape key={start.state} start={start} />
      ))}
      {arrows.map((arrow) => (
        <ArrowShape key={`${arrow.from} ${arrow.to}`} arrow={arrow} />
      ))}
      {inner.map((box) => (
        <BoxShape key={box.state} box={box} />
      ))}
    </svg>
  );
}

function BoxShape({ box }: { readonly box: Box }) {
  const { state, kind, x, y, width, height, headHeight, title, name, labels } = box;
  const isOpen = headHeight < height;
  return (
    <>
      <g class={`state ${kind}${isOpen ? ' open' : ''}`} data-state={state}>
        <rect x={x} y={y} width={width} height={height} rx="9" />
        {kind === 'final' && (
          <rect x={x + 3} y={y + 3} width={width - 6} height={height - 6} rx="6" />
        )}
        {isOpen && <path class="rule" d={`M${x} ${y + headHeight}h${width}`} />}
        <text x={title.x} y={title.y}>
          {name}
        </text>
      </g>
      <g class={isOpen ? 'open' : ''}>
        {labels.map((label, at) => (
          <LabelShape key={at} label={label} />
        ))}
      </g>
    </>
  );
}

function StartShape({ start: { dot, points } }: { readonly start: Start }) {
  return (
    <g class="start">
      <circle cx={dot.x} cy={dot.y} r="4" />
      <path class="shaft" d={pathThrough(points)} />
      <path class="tip" d={headOfArrow(points)} />
    </g>
  );
}

function ArrowShape({ arrow }: { readonly arrow: LaidOutArrow }) {
  const { from, to, points, labels } = arrow;
  const path = pathThrough(points);
  return (
    <>
      <g class="arrow" data-from={from} data-to={to}>
        <path class="shaft" d={path} />
        <path class="fuse" d={path} pathLength={1} />
        <path class="tip" d={headOfArrow(points)} />
      </g>
      {labels.map((label, at) => (
        <LabelShape key={at} label={label} />
      ))}
    </>
  );
}

function LabelShape({ label }: { readonly label: Label }) {
  const { x, y, width, height, rows, transitions } = label;
  return (
    <g class="saying" data-transition={transitions.join(' ') || undefined}>
      <rect class="glow" x={x - 4} y={y - 1} width={width + 8} height={height + 2} rx="4" />
      <rect class="fuse" x={x} y={y + height - 1} width={0} height="2.5" rx="1" />
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
