/** One server of the ring: its term, its role, its timer's arc, the votes it has gathered. */

import { computed } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { ServerId } from '../../../../machines/rules/entries.ts';
import { classes } from '../../../pages/controls.tsx';
import { termClass } from '../../../pages/term.ts';
import type { OfPlayground, PlaygroundStore } from '../store.ts';
import type { RingPlace } from './geometry.ts';
import { roleWords, type ServerLook, sentence } from './looks.ts';

/** Around the server's circle, where the timer runs out. */
const ARC_GAP = 7;
/** Of a server's radius. */
const DOT = { radius: 0.085, away: 0.79 };
const TERM_SIZE = 0.64;

interface ServerMarkProps extends OfPlayground {
  readonly look: ServerLook;
  readonly place: RingPlace;
  readonly radius: number;
  /** The letter of its group, while the ring is partitioned. */
  readonly group: string | null;
  readonly isSelected: boolean;
  readonly onSelect: () => void;
}

export function ServerMark(props: ServerMarkProps) {
  const { store, look, place, radius, group, isSelected, onSelect } = props;
  const arcOffset = useMemo(() => arcOffsetOf(store, look.id), [store, look.id]);
  const { x, y, label } = place;
  const looks = [`is-${look.condition}`, `is-${look.role}`, `is-timer-${look.timer}`];
  const press = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' && event.key !== ' ') return;
    event.preventDefault();
    event.stopPropagation();
    onSelect();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its circle is a button for the keyboard.
    <g
      class={classes('server', ...looks, isSelected && 'is-selected', termClass(look.term))}
      data-server={look.id}
      onClick={onSelect}
    >
      <title>{sentence(look)}</title>
      {/* biome-ignore lint/a11y/useSemanticElements: there are no buttons inside a picture. */}
      <g
        class="server-button"
        transform={`translate(${x} ${y})`}
        role="button"
        tabIndex={0}
        aria-label={sentence(look)}
        aria-pressed={isSelected}
        onKeyDown={press}
      >
        <circle class="server-halo" r={radius + 16} />
        <circle class="server-ring" r={radius + 5} />
        <g transform="rotate(-90)">
          <circle
            class="server-arc"
            r={radius + ARC_GAP}
            pathLength="1"
            stroke-dasharray="1 2"
            stroke-dashoffset={arcOffset}
          />
        </g>
        <circle class="server-body" r={radius} />
        {votesOf(look, radius)}
        <text class="server-term" y={radius * TERM_SIZE * 0.35} font-size={radius * TERM_SIZE}>
          {look.term}
        </text>
        {look.condition === 'paused' && (
          <g class="pause-mark" transform={`translate(${radius * 0.72} ${-radius * 0.72})`}>
            <circle r="9" />
            <path d="M-3-4V4M3-4V4" />
          </g>
        )}
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

/** How much of its timer has run out: set with every picture, without drawing it again. */
function arcOffsetOf({ loop }: PlaygroundStore, id: ServerId) {
  return computed(() => {
    const server = loop.frameOf('ring').servers.find((each) => each.id === id);
    const timer = server?.timers.find(({ actor }) => actor === 'server');
    if (timer === undefined) return '1';
    const whole = Math.max(timer.dueAtMs - timer.startedAtMs, 0.001);
    const left = Math.min(Math.max((timer.dueAtMs - loop.nowMs.value) / whole, 0), 1);
    return (1 - left).toFixed(4);
  });
}

/** One dot for each server, laid out like the ring: filled for a vote in hand. */
function votesOf({ campaign }: ServerLook, radius: number) {
  if (campaign === null) return null;
  const { voters, votes } = campaign;
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
