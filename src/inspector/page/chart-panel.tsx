/** The statechart of the chosen actor: where it stands, and what it has just taken. */
import charts from 'virtual:charts';
import { useMemo, useRef } from 'preact/hooks';
import type { LaidOutChart } from '../../diagram/laid-out.ts';
import { Statechart } from '../../pages/statechart.tsx';
import type { HistoryEntry } from '../history-entry.ts';
import type { ServerHistory } from '../server-history.ts';
import { leavesOf } from './actor-tree.tsx';
import type { Desk } from './desk.ts';
import { Name } from './name.tsx';

const OUR_CHARTS = new Map<string, LaidOutChart>(Object.entries(charts));

/** Transitions taken since the last picture are lit together, as far back as this. */
const TOGETHER_MAX = 64;

export function ChartPanel({ desk }: { readonly desk: Desk }) {
  const { server, view, moment } = desk;
  const machine = server?.actors.machineOf(view.actor) ?? null;
  if (server === null || machine === null) {
    return <p class="soft empty">The statechart of the chosen actor will be here.</p>;
  }
  const chart = chartOf(server, machine);
  return (
    <>
      <header class="panel-head">
        <h2>
          <span class="soft">
            <Name name={server.id} />
          </span>
          <Name name={view.actor} />
        </h2>
        <p class="soft">{moment === null ? 'not there' : leavesOf(moment.active).join(' + ')}</p>
      </header>
      {chart === null ? (
        <NoChart server={server} machine={machine} moment={moment} />
      ) : (
        <Live key={`${server.id} ${view.actor}`} desk={desk} chart={chart} moment={moment} />
      )}
    </>
  );
}

function chartOf(server: ServerHistory, machine: string): LaidOutChart | null {
  const own = server.charts.get(machine) as LaidOutChart | undefined;
  if (own !== undefined) return own;
  if (server.hello?.source !== 'server') return null;
  return OUR_CHARTS.get(machine) ?? null;
}

interface LiveProps {
  readonly desk: Desk;
  readonly chart: LaidOutChart;
  readonly moment: HistoryEntry | null;
}

function Live({ desk, chart, moment }: LiveProps) {
  const { server, view } = desk;
  const drawn = useRef(-1);
  const number = moment?.number ?? -1;
  const taken = useMemo(() => {
    const since = view.position === null ? drawn.current : number - 1;
    drawn.current = number;
    return {
      key: number,
      ids: server === null ? [] : takenSince(server, view.actor, since, number),
    };
  }, [number, view.position === null]);
  const name = `${view.actor} of ${view.server}`;
  return (
    <Statechart
      chart={chart}
      active={moment?.active ?? []}
      taken={taken}
      name={name}
      zoom={view.zoom}
      onZoom={(zoom) => desk.show({ zoom })}
    />
  );
}

function takenSince(
  { entries: moments }: ServerHistory,
  actor: string,
  since: number,
  until: number,
): readonly string[] {
  const ids = new Set<string>();
  for (let number = until; number > Math.max(since, until - TOGETHER_MAX); number -= 1) {
    const moment = moments.at(number);
    if (moment?.actor === actor) for (const id of moment.taken) ids.add(id);
  }
  return [...ids];
}

interface NoChartProps {
  readonly server: ServerHistory;
  readonly machine: string;
  readonly moment: HistoryEntry | null;
}

/** Beyond this the picture is not on its way any more: the machine cannot be drawn. */
const DRAWN_AFTER_MS = 10_000;

function NoChart({ server, machine, moment }: NoChartProps) {
  const metAtMs = server.entries.at(server.entries.first)?.atMs ?? 0;
  const isDrawn =
    server.hello?.source === 'actors' &&
    server.reach.state === 'connected' &&
    Date.now() - Math.max(metAtMs, server.reach.sinceMs) < DRAWN_AFTER_MS;
  const states = leavesOf(moment?.active ?? []);
  return (
    <p class="empty soft">
      {machine === '' && 'This actor is no machine: it has no statechart.'}
      {machine !== '' && (isDrawn ? 'Drawing the chart…' : `No chart of ${machine}.`)}
      {states.length > 0 && ` Active: ${states.join(' + ')}.`}
    </p>
  );
}
