/** The links of the ring: whole, cut in one direction, or broken. */
import type { ServerId } from '../../../../machines/rules/entries.ts';
import type { NetworkCuts } from '../../frame.ts';
import { type Geometry, onTheWay, placeOf } from './geometry.ts';

/** Both directions of one link, `a` before `b`. */
export interface LinkState {
  readonly a: ServerId;
  readonly b: ServerId;
  /** Whether what `a` says does not reach `b`, and the other way round. */
  readonly isCutToB: boolean;
  readonly isCutToA: boolean;
}

export function isWhole({ groups, blocked }: NetworkCuts): boolean {
  return groups === null && blocked.length === 0;
}

export function isCut(cuts: NetworkCuts, from: ServerId, to: ServerId): boolean {
  return cuts.blocked.some(([a, b]) => a === from && b === to) || isSeparated(cuts, from, to);
}

/** Whether they are in different groups: then no link between them can be cut or restored alone. */
export function isSeparated({ groups }: NetworkCuts, from: ServerId, to: ServerId): boolean {
  if (groups === null) return false;
  const groupOf = (id: ServerId) => groups.findIndex((group) => group.includes(id));
  return groupOf(from) !== groupOf(to);
}

export function linksOf(ids: readonly ServerId[], cuts: NetworkCuts): readonly LinkState[] {
  return ids.flatMap((a, at) =>
    ids
      .slice(at + 1)
      .map((b) => ({ a, b, isCutToB: isCut(cuts, a, b), isCutToA: isCut(cuts, b, a) })),
  );
}

export function Links({
  links,
  geometry,
  selected,
  onSelect,
}: {
  readonly links: readonly LinkState[];
  readonly geometry: Geometry;
  readonly selected: readonly [ServerId, ServerId] | null;
  readonly onSelect: (link: readonly [ServerId, ServerId]) => void;
}) {
  return (
    <g>
      {links.map((link) => {
        const { a, b, isCutToA, isCutToB } = link;
        const [from, to] = [placeOf(geometry, a), placeOf(geometry, b)];
        const line = `M${from.x} ${from.y}L${to.x} ${to.y}`;
        const isBroken = isCutToA && isCutToB;
        const isSelected = selected !== null && selected[0] === a && selected[1] === b;
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: the table of links does it by keyboard.
          <g
            key={`${a}${b}`}
            class={`link ${isBroken ? 'is-broken' : ''} ${isSelected ? 'is-selected' : ''}`}
            onClick={() => onSelect([a, b])}
          >
            <path class="link-target" d={line} />
            <path class="link-line" d={line} />
            {isBroken && <Cross at={{ x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 }} />}
            {isCutToB && !isBroken && <OneWay geometry={geometry} from={a} to={b} />}
            {isCutToA && !isBroken && <OneWay geometry={geometry} from={b} to={a} />}
          </g>
        );
      })}
    </g>
  );
}

function Cross({ at }: { readonly at: { readonly x: number; readonly y: number } }) {
  return (
    <g transform={`translate(${at.x} ${at.y})`}>
      <circle class="link-gap" r="9" />
      <path class="link-cross" d="M-4-4L4 4M4-4L-4 4" />
    </g>
  );
}

/** The lane of the direction that is cut, with a bar across it and an arrow that stops there. */
function OneWay({
  geometry,
  from,
  to,
}: {
  readonly geometry: Geometry;
  readonly from: ServerId;
  readonly to: ServerId;
}) {
  const [start, end] = [onTheWay(geometry, from, to, 0), onTheWay(geometry, from, to, 1)];
  const middle = onTheWay(geometry, from, to, 0.5);
  return (
    <g class="one-way">
      <path d={`M${start.x} ${start.y}L${end.x} ${end.y}`} class="one-way-lane" />
      <g transform={`translate(${middle.x} ${middle.y}) rotate(${middle.angle})`}>
        <path class="one-way-bar" d="M4-8V8M-12-5L-3 0L-12 5" />
      </g>
    </g>
  );
}
