/** The drawn part of the sequence diagram: lanes, arrows, and what became of a server. */
import { classes } from '../../pages/controls.tsx';
import type { SequenceItem, SequenceMark } from '../history-entry.ts';
import type { Lane, SequenceGap, SequenceRow } from '../sequence.ts';

/** Where the lanes are. */
export interface LanePlaces {
  readonly lanes: readonly Lane[];
  readonly lanePx: number;
}

function middleOf(at: number, { lanePx }: LanePlaces): number {
  return (at + 0.5) * lanePx;
}

/** A line for each lane; dotted while its server is lost. */
export function laneLines(rows: readonly SequenceRow[], places: LanePlaces, height: number) {
  return places.lanes.map(({ names }, at) => {
    const x = middleOf(at, places);
    return stretchesOf(rows, names, height).map(({ from, until, isLost }) => (
      <line
        key={`${names[0]} ${from}`}
        class={`lane ${isLost ? 'is-lost' : ''}`}
        x1={x}
        x2={x}
        y1={from}
        y2={until}
      />
    ));
  });
}

function stretchesOf(rows: readonly SequenceRow[], names: readonly string[], height: number) {
  const [lane, ...others] = names;
  const turns = rows.flatMap((row) => {
    if (row.kind !== 'happened' || others.length > 0 || row.happened.server !== lane) return [];
    const kind = row.happened.mark?.kind;
    return kind === 'lost' || kind === 'found' ? [{ from: row.y, isLost: kind === 'lost' }] : [];
  });
  const begin = { from: 0, isLost: turns[0]?.isLost === false };
  return [begin, ...turns].map((turn, at) => ({ ...turn, until: turns[at]?.from ?? height }));
}

export function rowShape(row: SequenceRow, places: LanePlaces, isChosen: boolean) {
  if (row.kind === 'gap') return null;
  if (row.kind === 'dropped') return breakShape(row.gaps, row.y, places, isChosen);
  return happenedShape(row.happened, row.y, places);
}

/** A lane is broken where its server has dropped something; every lane, if it is of none of them. */
function breakShape(
  gaps: readonly SequenceGap[],
  y: number,
  places: LanePlaces,
  isChosen: boolean,
) {
  const servers = new Set(gaps.map(({ server }) => server));
  const all = places.lanes.map((_, at) => at);
  const own = all.filter((at) => places.lanes[at]?.names.some((name) => servers.has(name)));
  return (
    <g class={`break ${isChosen ? 'is-chosen' : ''}`}>
      {(own.length > 0 ? own : all).map((at) => {
        const x = middleOf(at, places);
        return (
          <g key={at}>
            <path class="blank" d={`M${x - 9} ${y}l18 -8v8l-18 8z`} />
            <path d={`M${x - 9} ${y}l18 -8M${x - 9} ${y + 8}l18 -8`} />
          </g>
        );
      })}
    </g>
  );
}

function happenedShape({ arrival, mark, isIgnored }: SequenceItem, y: number, places: LanePlaces) {
  const xOf = (name: string) =>
    middleOf(
      places.lanes.findIndex(({ names }) => names.includes(name)),
      places,
    );
  if (mark !== null) return markShape(mark, xOf(mark.of), y);
  if (arrival === null) return null;
  const [from, to] = [xOf(arrival.from), xOf(arrival.to)];
  const { isReply, isRefusal } = arrival;
  const looks = [isReply && 'is-reply', isRefusal && 'is-refusal', isIgnored && 'is-ignored'];
  const look = classes('message', ...looks);
  if (from === to) return <circle class={look} cx={to} cy={y} r="4" />;
  const ahead = to > from ? 1 : -1;
  return (
    <g class={look}>
      <circle cx={from} cy={y} r="2.5" />
      <line x1={from} x2={to - ahead * 6} y1={y} y2={y} />
      {isRefusal ? (
        <path class="cross" d={`M${to - ahead * 8 - 4} ${y - 4}l8 8m0-8l-8 8`} />
      ) : (
        <path class="head" d={`M${to - ahead} ${y}l${-ahead * 9}-4.5v9z`} />
      )}
    </g>
  );
}

const CROSSED: ReadonlySet<SequenceMark['kind']> = new Set(['lost', 'failed', 'broken']);

/**
 * Shapes as on the cards: a leader is full and ringed, a candidate dashed, a lost one crossed. What
 * has broken in a server is a cross alone.
 */
function markShape({ kind }: SequenceMark, x: number, y: number) {
  return (
    <g class={`mark is-${kind}`}>
      {kind === 'leader' && <circle class="ring" cx={x} cy={y} r="10" />}
      {kind !== 'broken' && <circle cx={x} cy={y} r="6.5" />}
      {CROSSED.has(kind) && <path d={`M${x - 3.5} ${y - 3.5}l7 7m0-7l-7 7`} />}
    </g>
  );
}
