/** The statechart of the chosen actor: where it stands, and what it has just taken. */
import charts from 'virtual:charts';
import type { LaidOutChart } from '../../diagram/laid-out.ts';
import { Statechart } from '../../pages/statechart.tsx';
import type { ServerHistory } from '../server-history.ts';
import { leavesOf } from './actor-tree.tsx';
import { Name } from './name.tsx';
import type { OfInspector } from './store.ts';

const OUR_CHARTS = new Map<string, LaidOutChart>(Object.entries(charts));

const NONE: readonly string[] = [];

/** Transitions taken since the last picture are highlighted together, as far back as this. */
const TOGETHER_MAX = 64;

export function ChartPanel({ store }: OfInspector) {
  const { server, entry } = store;
  const actor = store.actor.value;
  const machine = server?.actors.machineOf(actor) ?? null;
  if (server === null || machine === null) {
    return <p class="soft empty">The statechart of the chosen actor will be here.</p>;
  }
  const chart = chartOf(server, machine);
  const takenAt = (number: number) => {
    const at = server.entries.at(number);
    return at?.actor === actor ? at.taken : NONE;
  };
  const states = leavesOf(entry?.active ?? NONE).join(' + ');
  return (
    <>
      <header class="panel-head">
        <h2>
          <span class="soft">
            <Name name={server.id} />
          </span>
          <Name name={actor} />
        </h2>
        <p class="soft">{entry === null ? 'not there' : states}</p>
      </header>
      {chart === null ? (
        <p class="empty soft">
          {noChartWords(server, machine)}
          {states !== '' && ` Active: ${states}.`}
        </p>
      ) : (
        <Statechart
          key={`${server.id} ${actor}`}
          chart={chart}
          active={entry?.active ?? NONE}
          event={entry?.number ?? -1}
          takenAt={takenAt}
          togetherMax={store.position.value === null ? TOGETHER_MAX : 1}
          name={`${actor} of ${server.id}`}
        />
      )}
    </>
  );
}

function chartOf({ charts: own, hello }: ServerHistory, machine: string): LaidOutChart | null {
  const ours = hello?.source === 'server' ? OUR_CHARTS.get(machine) : undefined;
  return (own.get(machine) as LaidOutChart | undefined) ?? ours ?? null;
}

/** Beyond this the picture is not on its way any more: the machine cannot be drawn. */
const DRAWN_AFTER_MS = 10_000;

function noChartWords({ entries, hello, reach }: ServerHistory, machine: string): string {
  if (machine === '') return 'This actor is not a state machine: it has no statechart.';
  const metAtMs = entries.at(entries.first)?.atMs ?? 0;
  const waitedMs = Date.now() - Math.max(metAtMs, reach.sinceMs);
  const isReachable = hello?.source === 'actors' && reach.state === 'connected';
  return isReachable && waitedMs < DRAWN_AFTER_MS
    ? 'Drawing the chart…'
    : `No chart of ${machine}.`;
}
