/**
 * Messages between servers: a lane for each, time downward, an arrow from the sender to the receiver
 * where it arrived. Requests are solid, replies dashed, refusals end in a cross. Where a server did
 * not tell everything, its lane is broken.
 */
import './sequence-diagram.css';
import { Fragment } from 'preact';
import { useRef } from 'preact/hooks';
import { walkButtons } from '../../pages/shortcuts.ts';
import type { Position } from '../history.ts';
import { distinctive } from '../names.ts';
import {
  firstOf,
  lanesOf,
  marksBefore,
  ROW_HEIGHT,
  rowsOf,
  type SequenceRow,
  sequenceAround,
} from '../sequence.ts';
import { useFollow } from './follow.ts';
import { Name } from './name.tsx';
import { type LanePlaces, laneLines, rowShape } from './sequence-shapes.tsx';
import { rowText } from './sequence-text.tsx';
import type { InspectorStore, OfInspector } from './store.ts';

const BEFORE = 80;
const AFTER = 40;
/** Narrower where the panel is. */
const LANE_PX = 84;
const LANE_NARROW_PX = 58;
const NARROW_PX = 600;
/** The rest is for the text, however many lanes there are. */
const LANES_SHARE = 0.5;
/** About as wide as a letter of a heading, with room beside it, and of a small one. */
const LETTER_PX = 10;
const LETTER_SMALL_PX = 7.5;

function lanePxOf(width: number, count: number): number {
  const wanted = width < NARROW_PX ? LANE_NARROW_PX : LANE_PX;
  return Math.min(wanted, Math.floor((width * LANES_SHARE) / Math.max(1, count)));
}

export function SequenceDiagram({ store }: OfInspector) {
  const { history } = store;
  const shown = { position: store.position.value, showsHeartbeats: store.showsHeartbeats.value };
  const { position } = shown;
  const facts = sequenceAround(history, { ...shown, before: BEFORE, after: AFTER });
  const marks = marksBefore(history, facts, shown);
  const lanes = lanesOf(history, [...marks, ...facts]);
  const { rows, height } = rowsOf(facts, marks);
  const chosen = position && (rows.find((row) => isAt(row, position)) ?? null);
  const nowY = position && chosen === null ? endOfPast(position, rows) : null;
  const top = chosen === null ? (nowY ?? 0) : chosen.y;
  const frame = useRef<HTMLDivElement>(null);
  const { width: room, onScroll } = useFollow(frame, {
    isLive: position === null,
    onLeave: () => store.pause(),
    chosen: position && {
      key: `${position.server} ${position.number}`,
      top: top - ROW_HEIGHT / 2,
      height: ROW_HEIGHT,
    },
  });
  const places = { lanes, lanePx: lanePxOf(room, lanes.length) };
  const width = lanes.length * places.lanePx;
  return (
    <div class="sequence" style={{ '--lanes': `${width}px` }}>
      {laneHeads(places)}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it scrolls. */}
      <div class="sequence-rows" ref={frame} onScroll={onScroll} onKeyDown={walkButtons}>
        {rows.length === 0 && <p class="soft empty">{emptyWords(store)}</p>}
        <div style={{ height: `${height}px` }}>
          <svg width={width} height={height} aria-hidden="true">
            {laneLines(rows, places, height)}
            {rows.map((row) => (
              <Fragment key={keyOf(row)}>{rowShape(row, places, row === chosen)}</Fragment>
            ))}
          </svg>
          {nowY !== null && <div class="sequence-now" style={{ top: `${nowY}px` }} />}
          <ol>
            {rows.map((row) => (
              <Fragment key={keyOf(row)}>{rowText(store, row, row === chosen)}</Fragment>
            ))}
          </ol>
        </div>
      </div>
    </div>
  );
}

/** Where one has no room, all are smaller; then without what they have in common. */
function laneHeads({ lanes, lanePx }: LanePlaces) {
  const labels = lanes.filter(({ names }) => names.length === 1).map(({ label }) => label);
  const longest = Math.max(0, ...labels.map(({ length }) => length));
  const isSmall = longest * LETTER_PX > lanePx;
  const letters = Math.floor(lanePx / (isSmall ? LETTER_SMALL_PX : LETTER_PX));
  const short = longest > letters ? distinctive(labels) : null;
  return (
    <ul class={`lane-heads ${isSmall ? 'is-small' : ''}`} aria-label="Lanes">
      {lanes.map(({ names, label }) => (
        <li key={names[0]} style={{ width: `${lanePx}px` }} title={names.join('\n')}>
          <Name name={short?.get(label) ?? label} end={Math.floor(letters / 2)} />
        </li>
      ))}
    </ul>
  );
}

function emptyWords({ showsHeartbeats, history }: InspectorStore): string {
  if (history.isOfActors) return 'No actor has sent another one an event yet.';
  const isKnown = history.servers.some(({ hello }) => hello !== null);
  if (!isKnown || showsHeartbeats.value) return 'No message yet.';
  return 'No message but heartbeats so far: elections, writes and refusals will show here.';
}

function isAt(row: SequenceRow, { server, number }: Position): boolean {
  if (row.kind === 'gap') return false;
  if (row.kind === 'dropped') {
    return row.gaps.some(
      (gap) => gap.server === server && gap.number <= number && number <= gap.last,
    );
  }
  return row.happened.server === server && row.happened.number === number;
}

/** Between which rows the moment is that is looked at. */
function endOfPast({ atMs }: Position, rows: readonly SequenceRow[]): number | null {
  const future = rows.find((row) => row.kind !== 'gap' && firstOf(row).atMs > atMs);
  const last = rows.at(-1);
  if (future !== undefined) return future.y - ROW_HEIGHT / 2;
  return last === undefined ? null : last.y + ROW_HEIGHT / 2;
}

function keyOf(row: SequenceRow): string {
  if (row.kind === 'gap') return `gap ${row.y}`;
  const { server, number, mark } = firstOf(row);
  return `${server} ${number} ${mark?.kind ?? ''}`;
}
