/** The statechart of the selected server, live; or of one of its replication actors. */
import charts from 'virtual:charts';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { Statechart } from '../../../pages/statechart.tsx';
import type { Frame, ServerFrame } from '../../frame.ts';
import type { Stage } from '../stage.ts';

const SERVER = 'server';
const DRAIN_EVERY_MS = 50;

export function MachinePanel({
  stage,
  frame,
  server,
  ...size
}: Pick<ChartProps, 'zoom' | 'onZoom'> & {
  readonly stage: Stage;
  readonly frame: Frame;
  readonly server: ServerFrame;
}) {
  const [wanted, setActor] = useState(SERVER);
  const follower = server.followers.find(({ id }) => id === wanted) ?? null;
  const actor = follower === null ? SERVER : follower.id;
  const chart = follower === null ? charts.server : charts.replication;
  const isDown = server.condition === 'down';
  const active = isDown ? NONE : (follower ?? server).activeStates;
  const taken = useTaken(stage, frame, server.id, actor);
  const timers = useMemo(
    () => server.timers.filter((timer) => timer.actor === actor),
    [server.timers, actor],
  );
  return (
    <>
      <fieldset class="actors">
        <legend class="visually-hidden">Which state machine</legend>
        <Choice name={SERVER} text="server machine" chosen={actor} onChoose={setActor} />
        {server.followers.length > 0 && <span>replication to</span>}
        {server.followers.map(({ id }) => (
          <Choice key={id} name={id} text={id} chosen={actor} onChoose={setActor} />
        ))}
      </fieldset>
      <DrainingChart
        {...size}
        stage={stage}
        chart={chart}
        active={active}
        taken={isDown ? NOTHING : taken}
        timers={timers}
        name={`${chart.id}, server ${server.id}`}
      />
    </>
  );
}

const NONE: readonly string[] = [];
const NOTHING = { ids: NONE, key: 'down' };

function Choice({
  name,
  text,
  chosen,
  onChoose,
}: {
  readonly name: string;
  readonly text: string;
  readonly chosen: string;
  readonly onChoose: (name: string) => void;
}) {
  return (
    <button
      type="button"
      class="button is-small is-quiet"
      aria-pressed={name === chosen}
      aria-label={name === SERVER ? text : `replication to ${text}`}
      onClick={() => onChoose(name)}
    >
      {text}
    </button>
  );
}

type ChartProps = Parameters<typeof Statechart>[0];

/** Follows the time between two events, less often than what moves on the ring. */
function DrainingChart({ stage, ...props }: ChartProps & { readonly stage: Stage }) {
  const [nowMs, setNowMs] = useState(stage.player.nowMs);
  useEffect(() => {
    let drawn = 0;
    return stage.onMove((now) => {
      const { isPlaying } = stage.player;
      if (isPlaying && performance.now() - drawn < DRAIN_EVERY_MS) return;
      drawn = performance.now();
      setNowMs(now);
    });
  }, [stage]);
  return (
    <div class="chart-box">
      <Statechart {...props} nowMs={nowMs} />
    </div>
  );
}

/** What that actor has taken since the last picture; frames in between are not lost. */
function useTaken(stage: Stage, frame: Frame, server: string, actor: string) {
  const last = useRef({ number: frame.number, ids: NONE, key: frame.number });
  return useMemo(() => {
    const { tape } = stage.player;
    const isForth = frame.number > last.current.number && frame.number - last.current.number < 50;
    const from = isForth ? last.current.number + 1 : frame.number;
    const ids: string[] = [];
    for (let at = from; at <= Math.min(frame.number, tape.length); at += 1) {
      for (const taken of tape.frame(at).taken) {
        if (taken.server === server && taken.actor === actor) ids.push(...taken.transitions);
      }
    }
    last.current = { ...last.current, number: frame.number };
    if (ids.length > 0 || !isForth) last.current = { ...last.current, ids, key: frame.number };
    return { ids: last.current.ids, key: `${server} ${actor} ${last.current.key}` };
  }, [frame, server, actor]);
}
