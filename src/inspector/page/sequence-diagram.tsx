/**
 * Messages between servers: a lane for each, time downward, an arrow from the sender to the receiver
 * where it arrived. Requests are solid, replies dashed, refusals end in a cross. Where a server did
 * not tell everything, its lane is broken.
 */
import './sequence-diagram.css';
import { useRef } from 'preact/hooks';
import { distinctive } from '../names.ts';
import {
  firstOf,
  type Lane,
  lanesOf,
  marksBefore,
  ROW_HEIGHT,
  rowsOf,
  type SequenceRow,
  sequenceAround,
} from '../sequence.ts';
import type { Desk } from './desk.ts';
import { useFollow } from './follow.ts';
import { Name } from './name.tsx';
import { Drawn, LaneLines } from './sequence-shapes.tsx';
import { RowText } from './sequence-text.tsx';

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

export function SequenceDiagram({ desk }: { readonly desk: Desk }) {
  const { story, view } = desk;
  const happenings = sequenceAround(story, {
    position: view.position,
    showsHeartbeats: view.showsHeartbeats,
    before: BEFORE,
    after: AFTER,
  });
  const marks = marksBefore(story, happenings, view);
  const lanes = lanesOf(story, [...marks, ...happenings]);
  const { rows, height } = rowsOf(happenings, marks);
  const chosen = rows.find((row) => isChosen(desk, row)) ?? null;
  const nowY = chosen === null ? endOfPast(desk, rows) : null;
  const top = chosen === null ? (nowY ?? 0) : chosen.y;
  const frame = useRef<HTMLDivElement>(null);
  const { sight, onScroll } = useFollow(frame, {
    isLive: view.position === null,
    onLeave: () => desk.pause(),
    chosen: view.position && {
      key: `${view.position.server} ${view.position.number}`,
      top: top - ROW_HEIGHT / 2,
      height: ROW_HEIGHT,
    },
  });
  const lanePx = lanePxOf(sight.width, lanes.length);
  const width = lanes.length * lanePx;
  return (
    <div class="sequence" style={{ '--lanes': `${width}px` }}>
      <LaneHeads lanes={lanes} lanePx={lanePx} />
      {/* biome-ignore lint/a11y/noStaticElementInteractions: it scrolls. */}
      <div
        class="sequence-rows"
        ref={frame}
        onScroll={onScroll}
        onKeyDown={(event) => moveFocus(event)}
      >
        {rows.length === 0 && <p class="soft empty">{emptyWords(desk)}</p>}
        <div style={{ height: `${height}px` }}>
          <svg width={width} height={height} aria-hidden="true">
            <LaneLines rows={rows} lanes={lanes} lanePx={lanePx} height={height} />
            {rows.map((row) => (
              <Drawn
                key={keyOf(row)}
                row={row}
                lanes={lanes}
                lanePx={lanePx}
                isChosen={row === chosen}
              />
            ))}
          </svg>
          {nowY !== null && <div class="sequence-now" style={{ top: `${nowY}px` }} />}
          <ol>
            {rows.map((row) => (
              <RowText key={keyOf(row)} desk={desk} row={row} isChosen={row === chosen} />
            ))}
          </ol>
        </div>
      </div>
    </div>
  );
}

/** Where one has no room, all are smaller; then without what they have in common. */
function LaneHeads({
  lanes,
  lanePx,
}: {
  readonly lanes: readonly Lane[];
  readonly lanePx: number;
}) {
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

function emptyWords({ view, story }: Desk): string {
  if (story.isOfActors) return 'No actor has sent another one an event yet.';
  const isKnown = story.servers.some(({ hello }) => hello !== null);
  if (!isKnown || view.showsHeartbeats) return 'No message yet.';
  return 'No message but heartbeats so far: elections, writes and refusals will show here.';
}

function isChosen({ view: { position } }: Desk, row: SequenceRow): boolean {
  if (position === null || row.kind === 'gap') return false;
  const { server, number } = position;
  if (row.kind === 'happened') {
    return row.happened.server === server && row.happened.number === number;
  }
  return row.gaps.some((gap) => {
    return gap.server === server && gap.number <= number && number <= gap.last;
  });
}

/** Between which rows the moment is that is looked at; null in the present. */
function endOfPast({ view: { position } }: Desk, rows: readonly SequenceRow[]): number | null {
  if (position === null) return null;
  const future = rows.find((row) => row.kind !== 'gap' && firstOf(row).atMs > position.atMs);
  const last = rows.at(-1);
  if (future !== undefined) return future.y - ROW_HEIGHT / 2;
  return last === undefined ? null : last.y + ROW_HEIGHT / 2;
}

function keyOf(row: SequenceRow): string {
  if (row.kind === 'gap') return `gap ${row.y}`;
  const { server, number, mark } = firstOf(row);
  return `${server} ${number} ${mark?.kind ?? ''}`;
}

/** Up and down from row to row. */
function moveFocus(event: KeyboardEvent): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const item = (event.target as Element).closest('li');
  const next = event.key === 'ArrowDown' ? item?.nextElementSibling : item?.previousElementSibling;
  const button = next?.querySelector('button') ?? null;
  if (button === null) return;
  event.preventDefault();
  event.stopPropagation();
  button.focus();
}
