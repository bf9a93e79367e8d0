/** The links of the ring: whole, cut in one direction, or broken. */

import type { ServerId } from '../../../../machines/rules/entries.ts';
import { classes } from '../../../pages/controls.tsx';
import type { NetworkCuts } from '../../frame.ts';
import { isCut } from '../cuts.ts';
import type { PlaygroundStore } from '../store.ts';
import { onTheWay, placeOfServer, type RingGeometry } from './geometry.ts';

export type LinkEnds = readonly [ServerId, ServerId];

export function linksOf(store: PlaygroundStore, geometry: RingGeometry, cuts: NetworkCuts) {
  const ids = [...geometry.places.keys()];
  const ends = ids.flatMap((a, at) => ids.slice(at + 1).map((b): LinkEnds => [a, b]));
  return (
    <g>
      {ends.map((link) => {
        const [a, b] = link;
        const [from, to] = [placeOfServer(geometry, a), placeOfServer(geometry, b)];
        const line = `M${from.x} ${from.y}L${to.x} ${to.y}`;
        const cut = [link, [b, a] as const].filter((way) => isCut(cuts, ...way));
        const isBroken = cut.length === 2;
        const isSelected = store.link.value?.join() === link.join();
        return (
          // biome-ignore lint/a11y/noStaticElementInteractions: the table of links does it by keyboard.
          <g
            key={`${a}${b}`}
            class={classes('link', isBroken && 'is-broken', isSelected && 'is-selected')}
            onClick={() => {
              store.link.value = link;
              store.panel.value = 'network';
            }}
          >
            <path class="link-target" d={line} />
            <path class="link-line" d={line} />
            {isBroken && crossAt((from.x + to.x) / 2, (from.y + to.y) / 2)}
            {cut.length === 1 && oneWay(geometry, cut[0]!)}
          </g>
        );
      })}
    </g>
  );
}

function crossAt(x: number, y: number) {
  return (
    <g transform={`translate(${x} ${y})`}>
      <circle class="link-gap" r="9" />
      <path class="link-cross" d="M-4-4L4 4M4-4L-4 4" />
    </g>
  );
}

/** The lane of the direction that is cut, with a bar across it and an arrow that stops there. */
function oneWay(geometry: RingGeometry, [from, to]: LinkEnds) {
  const [start, middle, end] = [0, 0.5, 1].map((at) => onTheWay(geometry, from, to, at));
  return (
    <g class="one-way">
      <path d={`M${start?.x} ${start?.y}L${end?.x} ${end?.y}`} class="one-way-lane" />
      <g transform={`translate(${middle?.x} ${middle?.y}) rotate(${middle?.angle})`}>
        <path class="one-way-bar" d="M4-8V8M-12-5L-3 0L-12 5" />
      </g>
    </g>
  );
}
