/** A card for each server: who it is, how it stands, and whether it is within reach. */
import './servers.css';
import { termClass } from '../../pages/term.ts';
import { actorsAt, lastNumberAt } from '../history.ts';
import { type HistoryEntry, NO_SUMMARY, type ServerSummary } from '../history-entry.ts';
import { distinctive } from '../names.ts';
import type { ServerHistory } from '../server-history.ts';
import type { Desk } from './desk.ts';
import { Name } from './name.tsx';
import { counted, duration, timeOfDay } from './times.ts';

export function Servers({ desk }: { readonly desk: Desk }) {
  const { servers } = desk.story;
  if (servers.length === 0) return null;
  const ids = servers.map(({ id }) => id);
  const short = distinctive(ids);
  const showsNames = ids.some((id) => id.length > BADGE_MAX);
  return (
    <ul class="servers" aria-label={desk.story.isOfActors ? 'Processes' : 'Servers'}>
      {servers.map((server) => (
        <li key={server.id}>
          <Card
            desk={desk}
            server={server}
            badge={badgeOf(server.id, short)}
            showsName={showsNames}
          />
        </li>
      ))}
    </ul>
  );
}

const BADGE_MAX = 3;

function badgeOf(id: string, short: ReadonlyMap<string, string>): string {
  if (id.length <= BADGE_MAX) return id;
  const own = short.get(id) ?? id;
  return own.length <= BADGE_MAX ? own : own.slice(0, BADGE_MAX - 1);
}

const SPARK_PX = 20;

/** Transitions of each of the last seconds, against the busiest of them. */
function Sparkline({ desk, server }: OfServer) {
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

interface OfServer {
  readonly desk: Desk;
  readonly server: ServerHistory;
}

interface CardProps extends OfServer {
  readonly badge: string;
  /** Where not every badge has room for the whole id. */
  readonly showsName: boolean;
}

/** How a server is or was at the moment that is shown. */
function reachAt(
  { view }: Desk,
  { reach, entries: moments }: ServerHistory,
  moment: HistoryEntry | undefined,
): ServerHistory['reach'] {
  if (view.position === null) return reach;
  const isFile = reach.state === 'file' || view.file !== null;
  const lostAtMs = moment?.summary.lostAtMs ?? null;
  if (lostAtMs !== null) return { state: 'lost', sinceMs: lostAtMs, why: '' };
  const sinceMs = moments.at(moments.first)?.atMs ?? reach.sinceMs;
  if (moment === undefined) return { state: 'connecting', sinceMs, why: '' };
  return { state: isFile ? 'file' : 'connected', sinceMs, why: '' };
}

function Card({ desk, server, badge, showsName }: CardProps) {
  const { view } = desk;
  const moment = server.entries.at(lastNumberAt(server, view.position));
  const digest = moment?.summary ?? NO_SUMMARY;
  const reach = reachAt(desk, server, moment);
  const silentMs = view.position === null ? desk.silenceMs(server) : 0;
  const manner = reach.state === 'lost' ? 'is-lost' : silentMs > 0 ? 'is-silent' : '';
  return (
    <button
      type="button"
      class={`panel server ${manner} ${showsName ? 'is-named' : ''}`}
      aria-pressed={view.server === server.id}
      onClick={() => desk.choose(server)}
    >
      <Badge text={badge} digest={digest} />
      <span class="visually-hidden">{server.id} </span>
      {showsName && (
        <b class="server-name" aria-hidden="true">
          <Name name={server.id} />
        </b>
      )}
      <span class="server-facts">
        {server.hello?.source !== 'actors' && (
          <span>
            <Role digest={digest} isLost={reach.state === 'lost'} />
          </span>
        )}
        <span class="soft">
          {digest.commitIndex !== null && `commit ${counted(digest.commitIndex)}`}
          {digest.commitIndex === null && actorsWord(actorsAt(server, view.position).length)}
        </span>
      </span>
      {view.position === null ? <Sparkline desk={desk} server={server} /> : <span class="spark" />}
      <span class="server-flow">
        <Reached
          reach={reach}
          silentMs={silentMs}
          isPast={view.position !== null}
          isCut={server.entries.first > 0}
        />
        {view.position === null && <Flow desk={desk} server={server} />}
      </span>
    </button>
  );
}

function actorsWord(count: number): string {
  return count === 1 ? '1 actor' : `${counted(count)} actors`;
}

/** The role is a shape as well as a word: a leader is ringed, a candidate is dashed. */
function Badge({ text, digest }: { readonly text: string; readonly digest: ServerSummary }) {
  const colour = `var(--${termClass(digest.term ?? 0)})`;
  const hasTerm = digest.term !== null && digest.term > 0;
  return (
    <span
      class={`badge is-${digest.role ?? 'other'} ${hasTerm ? 'has-term' : ''}`}
      style={{ '--term': colour }}
      aria-hidden="true"
    >
      {text}
    </span>
  );
}

interface RoleProps {
  readonly digest: ServerSummary;
  readonly isLost: boolean;
}

/** Of a lost server only what it was is known. */
function Role({ digest: { role, term }, isLost }: RoleProps) {
  const wasSo = isLost && role !== null;
  return (
    <>
      {wasSo && <span>was </span>}
      <b>{role ?? 'server'}</b>
      {term !== null && (
        <span>
          {wasSo && ','} term {term}
        </span>
      )}
    </>
  );
}

interface ReachedProps {
  readonly reach: ServerHistory['reach'];
  /** For how long nothing has come; 0 while that is usual. */
  readonly silentMs: number;
  readonly isPast: boolean;
  /** What was before is not all kept. */
  readonly isCut: boolean;
}

function Reached({ reach: { state, sinceMs, why }, silentMs, isPast, isCut }: ReachedProps) {
  const past = isCut ? 'no longer kept' : 'not met yet';
  const words = {
    connecting: isPast ? past : 'connecting …',
    connected: silentMs > 0 ? `silent for ${duration(silentMs)}` : 'connected',
    lost: `lost at ${timeOfDay(sinceMs)}`,
    file: 'in the trace',
  };
  return (
    <span
      class={`reach is-${silentMs > 0 ? 'silent' : state}`}
      title={`since ${timeOfDay(sinceMs)}${why && `: ${why}`}`}
    >
      {words[state]}
    </span>
  );
}

function Flow({ desk, server }: OfServer) {
  const now = performance.now();
  const { state, sinceMs, why } = server.reach;
  const rate = desk.rates.perSecond(server.id, now);
  return (
    <span class="soft">
      {state === 'lost' && (why || `${duration(Date.now() - sinceMs)} ago`)}
      {state === 'connected' && `${counted(rate)} a second`}
      {state === 'file' && `${counted(server.transitions)} transitions`}
      {server.dropped > 0 && <strong class="dropped"> {counted(server.dropped)} not shown</strong>}
    </span>
  );
}
