/** The drawn part of the sequence diagram: lanes, arrows, and what became of a server. */
import type { SequenceMark } from '../history-entry.ts';
import type { Lane, SequenceRow } from '../sequence.ts';

interface LanesProps {
  readonly rows: readonly SequenceRow[];
  readonly lanes: readonly Lane[];
  readonly lanePx: number;
  readonly height: number;
}

/** A line for each lane; dotted while its server is lost. */
export function LaneLines({ rows, lanes, lanePx, height }: LanesProps) {
  return (
    <>
      {lanes.map((lane, at) => {
        const x = (at + 0.5) * lanePx;
        return stretchesOf(rows, lane.names, height).map(({ from, until, isLost }) => (
          <line
            key={`${lane.names[0]} ${from}`}
            class={`lane ${isLost ? 'is-lost' : ''}`}
            x1={x}
            x2={x}
            y1={from}
            y2={until}
          />
        ));
      })}
    </>
  );
}

interface Stretch {
  readonly from: number;
  readonly until: number;
  readonly isLost: boolean;
}

function stretchesOf(
  rows: readonly SequenceRow[],
  [lane, ...others]: readonly string[],
  height: number,
): readonly Stretch[] {
  const turns = rows.flatMap((row) => {
    if (row.kind !== 'happened' || others.length > 0 || row.happened.server !== lane) return [];
    const kind = row.happened.mark?.kind;
    return kind === 'lost' || kind === 'found' ? [{ y: row.y, isLost: kind === 'lost' }] : [];
  });
  const first = turns[0];
  const stretches = [{ y: 0, isLost: first !== undefined && !first.isLost }, ...turns];
  return stretches.map(({ y, isLost }, at) => {
    return { from: y, until: stretches[at + 1]?.y ?? height, isLost };
  });
}

interface DrawnProps<Shown extends SequenceRow = SequenceRow> {
  readonly row: Shown;
  readonly lanes: readonly Lane[];
  readonly lanePx: number;
  readonly isChosen: boolean;
}

export function Drawn({ row, ...place }: DrawnProps) {
  if (row.kind === 'gap') return null;
  return row.kind === 'dropped' ? <Breaks row={row} {...place} /> : <Shape row={row} {...place} />;
}

/** A lane is broken where its server has dropped something; every lane, if it is of none of them. */
function Breaks({
  row: { y, gaps },
  lanes,
  lanePx,
  isChosen,
}: DrawnProps<Extract<SequenceRow, { kind: 'dropped' }>>) {
  const servers = new Set(gaps.map(({ server }) => server));
  const own = lanes.map(({ names }, at) => ({
    at,
    isOwn: names.some((name) => servers.has(name)),
  }));
  const broken = own.some(({ isOwn }) => isOwn) ? own.filter(({ isOwn }) => isOwn) : own;
  return (
    <g class={`break ${isChosen ? 'is-chosen' : ''}`}>
      {broken.map(({ at }) => {
        const x = (at + 0.5) * lanePx;
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

function Shape({
  row: { y, happened },
  lanes,
  lanePx,
}: DrawnProps<Extract<SequenceRow, { kind: 'happened' }>>) {
  const at = (name: string) =>
    (lanes.findIndex(({ names }) => names.includes(name)) + 0.5) * lanePx;
  const { arrival, mark, isIgnored } = happened;
  if (mark !== null) return <MarkShape mark={mark} x={at(mark.of)} y={y} />;
  if (arrival === null) return null;
  const from = at(arrival.from);
  const to = at(arrival.to);
  const { isReply, isRefusal } = arrival;
  const manners = [isReply && 'is-reply', isRefusal && 'is-refusal', isIgnored && 'is-ignored'];
  const manner = manners.filter(Boolean).join(' ');
  if (from === to) return <circle class={`message ${manner}`} cx={to} cy={y} r="4" />;
  const ahead = to > from ? 1 : -1;
  return (
    <g class={`message ${manner}`}>
      <circle cx={from} cy={y} r="2.5" />
      <line x1={from} x2={to - ahead * 6} y1={y} y2={y} />
      {arrival.isRefusal ? (
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
function MarkShape({ mark: { kind }, x, y }: { mark: SequenceMark; x: number; y: number }) {
  return (
    <g class={`mark is-${kind}`}>
      {kind === 'leader' && <circle class="ring" cx={x} cy={y} r="10" />}
      {kind !== 'broken' && <circle cx={x} cy={y} r="6.5" />}
      {CROSSED.has(kind) && <path d={`M${x - 3.5} ${y - 3.5}l7 7m0-7l-7 7`} />}
    </g>
  );
}
