/** One server of the ring: its term, its role, its timer's arc, the votes it has gathered. */
import { termClass } from '../../../pages/term.ts';
import type { Place } from './geometry.ts';
import { type Look, roleWords, sentence } from './looks.ts';

/** Around the server's circle, where the timer runs out. */
const ARC_GAP = 7;
/** Of a server's radius. */
const DOT = { radius: 0.085, away: 0.79 };
const TERM_SIZE = 0.64;

export function ServerMark({
  look,
  place,
  radius,
  group,
  isSelected,
  onSelect,
  arcRef,
}: {
  readonly look: Look;
  readonly place: Place;
  readonly radius: number;
  /** The letter of its group, while the ring is partitioned. */
  readonly group: string | null;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
  readonly arcRef: (arc: SVGElement | null) => void;
}) {
  const { x, y, label } = place;
  const classes = [
    'server',
    `is-${look.condition}`,
    `is-${look.role}`,
    `is-timer-${look.timer}`,
    isSelected ? 'is-selected' : '',
    termClass(look.term),
  ];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its circle is a button for the keyboard.
    <g class={classes.join(' ')} data-server={look.id} onClick={onSelect}>
      <title>{sentence(look)}</title>
      {/* biome-ignore lint/a11y/useSemanticElements: there are no buttons inside a picture. */}
      <g
        class="server-button"
        transform={`translate(${x} ${y})`}
        role="button"
        tabIndex={0}
        aria-label={sentence(look)}
        aria-pressed={isSelected}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' && event.key !== ' ') return;
          event.preventDefault();
          event.stopPropagation();
          onSelect();
        }}
      >
        <circle class="server-halo" r={radius + 16} />
        <circle class="server-ring" r={radius + 5} />
        <g transform="rotate(-90)">
          <circle
            class="server-arc"
            ref={arcRef}
            r={radius + ARC_GAP}
            pathLength="1"
            stroke-dasharray="1 2"
          />
        </g>
        <circle class="server-body" r={radius} />
        <Votes look={look} radius={radius} />
        <text class="server-term" y={radius * TERM_SIZE * 0.35} font-size={radius * TERM_SIZE}>
          {look.term}
        </text>
        {look.condition === 'paused' && <PauseMark radius={radius} />}
      </g>
      <text class="server-name" x={label.x} y={label.y} text-anchor={label.anchor}>
        {look.id}
        {group !== null && <tspan class="server-group"> {group}</tspan>}
      </text>
      <text class="server-role" x={label.x} y={label.y + 17} text-anchor={label.anchor}>
        {roleWords(look)}
      </text>
    </g>
  );
}

function PauseMark({ radius }: { readonly radius: number }) {
  return (
    <g class="pause-mark" transform={`translate(${radius * 0.72} ${-radius * 0.72})`}>
      <circle r="9" />
      <path d="M-3-4V4M3-4V4" />
    </g>
  );
}

/** One dot for each server, laid out like the ring: filled for a vote in hand. */
function Votes({ look, radius }: { readonly look: Look; readonly radius: number }) {
  if (look.campaign === null) return null;
  const { voters, votes } = look.campaign;
  return (
    <g>
      {voters.map((voter, at) => {
        const angle = (at / voters.length) * 2 * Math.PI - Math.PI / 2;
        return (
          <circle
            key={voter}
            class={votes.includes(voter) ? 'vote is-granted' : 'vote'}
            cx={Math.cos(angle) * radius * DOT.away}
            cy={Math.sin(angle) * radius * DOT.away}
            r={radius * DOT.radius}
          />
        );
      })}
    </g>
  );
}
