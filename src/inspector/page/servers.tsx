/** A card for each server: who it is, how it stands, and whether it is within reach. */
import { classes } from '../../pages/controls.tsx';
import './servers.css';
import { termClass } from '../../pages/term.ts';
import { actorsAt, lastNumberAt } from '../history.ts';
import { type HistoryEntry, NO_SUMMARY, type ServerSummary } from '../history-entry.ts';
import { distinctive } from '../names.ts';
import type { ServerHistory } from '../server-history.ts';
import { Name } from './name.tsx';
import type { InspectorStore, OfInspector } from './store.ts';
import { counted, durationInWords, timeOfDay } from './times.ts';

export function Servers({ store }: OfInspector) {
  const { servers, isOfActors } = store.history;
  if (servers.length === 0) return null;
  const ids = servers.map(({ id }) => id);
  const short = distinctive(ids);
  const showsNames = ids.some((id) => id.length > BADGE_MAX);
  return (
    <ul class="servers" aria-label={isOfActors ? 'Processes' : 'Servers'}>
      {servers.map((server) => (
        <li key={server.id}>{card(store, server, badgeText(server.id, short), showsNames)}</li>
      ))}
    </ul>
  );
}

const BADGE_MAX = 3;

function badgeText(id: string, short: ReadonlyMap<string, string>): string {
  if (id.length <= BADGE_MAX) return id;
  const own = short.get(id) ?? id;
  return own.length <= BADGE_MAX ? own : own.slice(0, BADGE_MAX - 1);
}

/** @param showsName - where not every badge has room for the whole id */
function card(store: InspectorStore, server: ServerHistory, short: string, showsName: boolean) {
  const position = store.position.value;
  const entry = server.entries.at(lastNumberAt(server, position));
  const summary = entry?.summary ?? NO_SUMMARY;
  const reach = reachAt(store, server, entry);
  const isLost = reach.state === 'lost';
  const silentMs = position === null ? store.silenceMs(server) : 0;
  const looks = [isLost && 'is-lost', !isLost && silentMs > 0 && 'is-silent'];
  return (
    <button
      type="button"
      class={classes('panel server', ...looks, showsName && 'is-named')}
      aria-pressed={store.serverId.value === server.id}
      onClick={() => store.choose(server)}
    >
      {badge(short, summary)}
      <span class="visually-hidden">{server.id} </span>
      {showsName && (
        <b class="server-name" aria-hidden="true">
          <Name name={server.id} />
        </b>
      )}
      <span class="server-facts">
        {server.hello?.source !== 'actors' && roleWords(summary, isLost)}
        <span class="soft">
          {summary.commitIndex === null
            ? actorsWord(actorsAt(server, position).length)
            : `commit ${counted(summary.commitIndex)}`}
        </span>
      </span>
      {position === null ? sparkline(store, server) : <span class="spark" />}
      <span class="server-flow">
        <span
          class={`reach is-${silentMs > 0 ? 'silent' : reach.state}`}
          title={`since ${timeOfDay(reach.sinceMs)}${reach.why && `: ${reach.why}`}`}
        >
          {reachWords(reach, silentMs, position === null, server.entries.first > 0)}
        </span>
        {position === null && flow(store, server)}
      </span>
    </button>
  );
}

/** How a server is or was at the moment that is shown. */
function reachAt(
  { position, file }: InspectorStore,
  { reach, entries }: ServerHistory,
  entry: HistoryEntry | undefined,
): ServerHistory['reach'] {
  if (position.value === null) return reach;
  const lostAtMs = entry?.summary.lostAtMs ?? null;
  if (lostAtMs !== null) return { state: 'lost', sinceMs: lostAtMs, why: '' };
  const sinceMs = entries.at(entries.first)?.atMs ?? reach.sinceMs;
  if (entry === undefined) return { state: 'connecting', sinceMs, why: '' };
  const isFile = reach.state === 'file' || file.value !== null;
  return { state: isFile ? 'file' : 'connected', sinceMs, why: '' };
}

function reachWords(
  { state, sinceMs }: ServerHistory['reach'],
  silentMs: number,
  isPresent: boolean,
  isCut: boolean,
): string {
  if (state === 'lost') return `lost at ${timeOfDay(sinceMs)}`;
  if (state === 'file') return 'in the trace';
  if (state === 'connected')
    return silentMs > 0 ? `silent for ${durationInWords(silentMs)}` : 'connected';
  if (isPresent) return 'connecting …';
  return isCut ? 'no longer kept' : 'not met yet';
}

function actorsWord(count: number): string {
  return count === 1 ? '1 actor' : `${counted(count)} actors`;
}

const SPARK_PX = 20;

/** Transitions of each of the last seconds, against the busiest of them. */
function sparkline({ rates }: InspectorStore, { id, reach }: ServerHistory) {
  if (reach.state !== 'connected' && reach.state !== 'lost') return <span class="spark" />;
  const history = rates.history(id, performance.now());
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

function flow({ rates }: InspectorStore, { id, reach, transitions, dropped }: ServerHistory) {
  const { state, sinceMs, why } = reach;
  return (
    <span class="soft">
      {state === 'lost' && (why || `${durationInWords(Date.now() - sinceMs)} ago`)}
      {state === 'connected' && `${counted(rates.perSecond(id, performance.now()))} a second`}
      {state === 'file' && `${counted(transitions)} transitions`}
      {dropped > 0 && <strong class="dropped"> {counted(dropped)} not shown</strong>}
    </span>
  );
}

/** The role is a shape as well as a word: a leader is ringed, a candidate is dashed. */
function badge(text: string, { role, term }: ServerSummary) {
  return (
    <span
      class={classes('badge', `is-${role ?? 'other'}`, (term ?? 0) > 0 && 'has-term')}
      style={{ '--term': `var(--${termClass(term ?? 0)})` }}
      aria-hidden="true"
    >
      {text}
    </span>
  );
}

/** Of a lost server only what it was is known. */
function roleWords({ role, term }: ServerSummary, isLost: boolean) {
  const wasSo = isLost && role !== null;
  return (
    <span>
      {wasSo && <span>was </span>}
      <b>{role ?? 'server'}</b>
      {term !== null && `${wasSo ? ',' : ''} term ${term}`}
    </span>
  );
}
