/** A card for each server: who it is, how it stands, and whether it is within reach. */
import './servers.css';
import { termClass } from '#pages/term.ts';
import { type Digest, NO_DIGEST } from '../moment.ts';
import type { ServerStory } from '../server-story.ts';
import { lastMomentAt } from '../story.ts';
import type { Desk } from './desk.ts';
import { counted, duration, timeOfDay } from './times.ts';

export function Servers({ desk }: { readonly desk: Desk }) {
  const { servers } = desk.story;
  if (servers.length === 0) return null;
  return (
    <ul class="servers" aria-label="Servers">
      {servers.map((server) => (
        <li key={server.id}>
          <Card desk={desk} server={server} />
        </li>
      ))}
    </ul>
  );
}

const SPARK_PX = 20;

/** Transitions of each of the last seconds, against the busiest of them. */
function Sparkline({ desk, server }: CardProps) {
  const { state } = server.reach;
  if (state !== 'connected' && state !== 'lost') return <span class="spark" />;
  const history = desk.rates.history(server.id, performance.now());
  const most = Math.max(1, ...history);
  const bars = history.map((count, at) => {
    const height = count === 0 ? 0 : Math.max(1, (count / most) * SPARK_PX);
    return `M${at * 3 + 1} ${SPARK_PX}v${-height}`;
  });
  return (
    <svg class="spark" width={history.length * 3} height={SPARK_PX} aria-hidden="true">
      <path d={bars.join('')} />
    </svg>
  );
}

interface ReachedProps {
  readonly server: ServerStory;
  /** At the moment that is shown. */
  readonly lostAtMs: number | null;
}

interface CardProps {
  readonly desk: Desk;
  readonly server: ServerStory;
}

function Card({ desk, server }: CardProps) {
  const { view } = desk;
  const digest = server.moments.at(lastMomentAt(server, view.position))?.digest ?? NO_DIGEST;
  const lostAtMs =
    view.position === null && server.reach.state === 'lost'
      ? server.reach.sinceMs
      : digest.lostAtMs;
  return (
    <button
      type="button"
      class={`panel server ${lostAtMs !== null ? 'is-lost' : ''}`}
      aria-pressed={view.server === server.id}
      onClick={() => desk.choose(server)}
    >
      <Badge id={server.id} digest={digest} />
      <span class="server-facts">
        <span class="server-role">
          <span class="visually-hidden">{server.id} </span>
          <b>{digest.role ?? (server.hello?.source === 'actors' ? 'actors' : 'server')}</b>
          {digest.term !== null && <span> term {digest.term}</span>}
        </span>
        <span class="soft">
          {digest.commitIndex !== null && `commit ${counted(digest.commitIndex)}`}
          {digest.commitIndex === null && `${counted(server.actors.all().length)} actors`}
        </span>
      </span>
      <Sparkline desk={desk} server={server} />
      <span class="server-flow">
        <Reached server={server} lostAtMs={lostAtMs} />
        <Flow desk={desk} server={server} />
      </span>
    </button>
  );
}

/** The role is a shape as well as a word: a leader is ringed, a candidate is dashed. */
function Badge({ id, digest }: { readonly id: string; readonly digest: Digest }) {
  const colour = `var(--${termClass(digest.term ?? 0)})`;
  const hasTerm = digest.term !== null && digest.term > 0;
  return (
    <span
      class={`badge is-${digest.role ?? 'other'} ${hasTerm ? 'has-term' : ''}`}
      style={{ '--term': colour }}
      aria-hidden="true"
    >
      {id.length > 3 ? id.slice(0, 2) : id}
    </span>
  );
}

function Reached({ server, lostAtMs }: ReachedProps) {
  const { sinceMs, why } = server.reach;
  const state = lostAtMs === null ? server.reach.state : 'lost';
  const words = {
    connecting: 'connecting …',
    connected: 'connected',
    lost: `lost at ${timeOfDay(lostAtMs ?? sinceMs)}`,
    file: 'in the trace',
  };
  return (
    <span class={`reach is-${state}`} title={`since ${timeOfDay(sinceMs)}${why && `: ${why}`}`}>
      {words[state]}
    </span>
  );
}

function Flow({ desk, server }: CardProps) {
  const now = performance.now();
  const { state, sinceMs, why } = server.reach;
  const rate = desk.rates.perSecond(server.id, now);
  return (
    <span class="soft">
      {state === 'lost' && (why || `${duration(Date.now() - sinceMs)} ago`)}
      {state === 'connected' && `${counted(rate)} a second`}
      {state === 'file' && `${counted(server.transitions)} transitions`}
      {server.dropped > 0 && <strong class="dropped"> {counted(server.dropped)} dropped</strong>}
    </span>
  );
}
