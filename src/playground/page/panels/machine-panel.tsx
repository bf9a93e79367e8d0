/** The statechart of the selected server, live; or of one of its replication actors. */

import charts from 'virtual:charts';
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { Button, Facts, setting } from '../../../pages/controls.tsx';
import { Statechart } from '../../../pages/statechart.tsx';
import { termClass } from '../../../pages/term.ts';
import type { ServerFrame } from '../../frame.ts';
import { ACTION_PLACES, choiceAt, requestAt } from '../server-actions.ts';
import type { OfFrame } from '../store.ts';

const SERVER = 'server';
const NONE: readonly string[] = [];
/** More events than that between two pictures are a jump. */
const TOGETHER_MAX = 50;

export function MachinePanel({ store, frame }: OfFrame) {
  const wanted = useSignal(SERVER);
  const server = frame.servers.find(({ id }) => id === store.server.value) ?? frame.servers[0]!;
  const follower = server.followers.find(({ id }) => id === wanted.value);
  const actor = follower?.id ?? SERVER;
  const chart = follower === undefined ? charts.server : charts.replication;
  const isDown = server.condition === 'down';
  const takenAt = (event: number) => {
    const recording = store.player.recording.peek();
    const own = (recording.has(event) ? recording.frame(event).taken : []).filter(
      (each) => each.server === server.id && each.actor === actor,
    );
    return own.flatMap(({ transitions }) => transitions);
  };
  const timers = useMemo(
    () => server.timers.filter((timer) => timer.actor === actor),
    [server.timers, actor],
  );
  const choice = (name: string, text: string, label: string) => (
    <Button
      key={name}
      class="is-small is-quiet"
      aria-pressed={name === actor}
      aria-label={label}
      onClick={setting(wanted, name)}
    >
      {text}
    </Button>
  );
  return (
    <>
      <ServerCard store={store} frame={frame} server={server} />
      <fieldset class="actors">
        <legend class="visually-hidden">Which state machine</legend>
        {choice(SERVER, 'server machine', 'server machine')}
        {server.followers.length > 0 && <span>replication to</span>}
        {server.followers.map(({ id }) => choice(id, id, `replication to ${id}`))}
      </fieldset>
      <div class="chart-box">
        <Statechart
          chart={chart}
          active={isDown ? NONE : (follower ?? server).activeStates}
          event={frame.number}
          takenAt={takenAt}
          togetherMax={TOGETHER_MAX}
          timers={timers}
          nowMs={store.loop.timersNowMs}
          name={`${chart.id}, server ${server.id}`}
        />
      </div>
    </>
  );
}

function ServerCard({ store, frame, server }: OfFrame & { readonly server: ServerFrame }) {
  const { id, condition, role, currentTerm } = server;
  return (
    <section class="card" aria-label={`Server ${id}`}>
      <header class="card-head">
        <span class={`term-badge ${termClass(currentTerm)}`} aria-hidden="true">
          {currentTerm}
        </span>
        <h2>
          Server {id} <span class="soft">{condition === 'running' ? role : condition}</span>
        </h2>
        <Facts class="facts" facts={factsOf(server)} />
      </header>
      <div class="deeds">
        {ACTION_PLACES.map((place) => {
          const { choice, unavailable } = choiceAt(place, server, frame);
          return (
            <Button
              key={place.key}
              class="is-small"
              // What is disabled by itself would let go of the focus.
              aria-disabled={unavailable !== null}
              aria-description={unavailable ?? undefined}
              title={`${unavailable ?? choice.about} (${place.key})`}
              data-other={place.choices.find((each) => each !== choice)?.name}
              aria-keyshortcuts={place.key}
              onClick={() => store.act(requestAt(place, id, choice))}
            >
              {choice.name}
            </Button>
          );
        })}
      </div>
    </section>
  );
}

function factsOf({ state, votedFor, log, disk, appliedIndex, currentTerm }: ServerFrame) {
  return [
    ['currentTerm', currentTerm],
    ['votedFor', votedFor ?? 'nobody'],
    ['commitIndex', state?.commitIndex ?? '–'],
    ['lastApplied', appliedIndex],
    ['last entry', log.lastIndex === 0 ? 'none' : `${log.lastIndex} (term ${log.lastTerm})`],
    ['on disk', `${disk.lastIndex}${disk.isWriting ? ', writing' : ''}`],
  ] as const;
}
