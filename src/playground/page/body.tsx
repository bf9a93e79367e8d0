/** What stands between head and transport, arranged for the room there is. */
import { useLayoutEffect, useState } from 'preact/hooks';
import { Tabs } from '../../pages/tabs.tsx';
import { InTurn } from './in-turn.tsx';
import { Narration } from './panels/narration.tsx';
import { RingArea } from './ring-area.tsx';
import type { Part } from './stage.ts';
import { type Panel, type Shown, TITLES, View } from './view.tsx';

type Room = 'phone' | 'narrow' | 'wide';

const SIDE: readonly Panel[] = ['client', 'pairs', 'network', 'messages', 'safety'];
const NARROW: readonly Panel[] = ['machine', 'feed', ...SIDE];
const PHONE: readonly Panel[] = ['machine', 'feed', 'log', ...SIDE];

interface BodyProps {
  readonly shown: Shown;
  /** The panel that was asked for last. */
  readonly panel: Panel | null;
}

export function Body(props: BodyProps) {
  const room = useRoom();
  if (room === 'phone') return <Phone {...props} />;
  return room === 'narrow' ? <Narrow {...props} /> : <Wide {...props} />;
}

function Phone({ shown, panel }: BodyProps) {
  return (
    <main class="stage is-phone">
      <Cluster shown={shown} isAlone />
      <Story {...shown} />
      <div class="area panel">
        <Choice shown={shown} panel={panel} names={PHONE} />
      </div>
    </main>
  );
}

function Narrow({ shown, panel }: BodyProps) {
  return (
    <main class="stage is-narrow">
      <div class="column">
        <Cluster shown={shown} isAlone />
        <Logs {...shown} />
      </div>
      <div class="column">
        <Story {...shown} />
        <div class="area is-tall panel">
          <Choice shown={shown} panel={panel} names={NARROW} />
        </div>
      </div>
    </main>
  );
}

function Wide({ shown, panel }: BodyProps) {
  return (
    <main class="stage is-wide">
      <div class="column">
        <Cluster shown={shown} isAlone={false} />
        <Logs {...shown} />
      </div>
      <section class="area is-tall panel" aria-label="The selected server">
        <Drawn shown={shown} panel="machine" part="machine" />
      </section>
      <div class="column">
        <Story {...shown} />
        <section class="area area-feed panel" aria-label={TITLES.feed}>
          <Drawn shown={shown} panel="feed" part="feed" />
        </section>
        <div class="area area-side panel">
          <Choice shown={shown} panel={panel} names={SIDE} />
        </div>
      </div>
    </main>
  );
}

function Cluster({ shown, isAlone }: { readonly shown: Shown; readonly isAlone: boolean }) {
  return (
    <InTurn
      stage={shown.session.stage}
      part="ring"
      on={[shown.selection, isAlone]}
      draw={() => <RingArea {...shown} isAlone={isAlone} />}
    />
  );
}

/** A panel, when it is its turn. */
function Drawn({
  shown,
  panel,
  part,
}: {
  readonly shown: Shown;
  readonly panel: Panel;
  readonly part: Part;
}) {
  return (
    <InTurn
      stage={shown.session.stage}
      part={part}
      on={[shown.selection, shown.zoom, panel]}
      draw={() => <View {...shown} panel={panel} />}
    />
  );
}

function Logs(shown: Shown) {
  return (
    <section class="area panel" aria-label="Logs">
      <Drawn shown={shown} panel="log" part="log" />
    </section>
  );
}

function Story({ session, commands }: Shown) {
  const { story, stage } = session;
  if (story === null) return null;
  return <Narration story={story} player={stage.player} onRejoin={commands.rejoin} />;
}

/** Panels that share a place. */
function Choice({ shown, panel, names }: BodyProps & { readonly names: readonly Panel[] }) {
  const chosen = panel !== null && names.includes(panel) ? panel : (names[0] ?? 'client');
  return (
    <Tabs
      label="Views"
      tabs={names.map((name) => ({ name, title: TITLES[name] }))}
      chosen={chosen}
      onChoose={shown.commands.show}
    >
      <Drawn shown={shown} panel={chosen} part="others" />
    </Tabs>
  );
}

/** A lower window has no room for areas one below the other. */
const WIDE = '(min-width: 1200px) and (min-height: 600px)';
const NARROWER = '(min-width: 900px) and (min-height: 600px)';

function useRoom(): Room {
  const measure = (): Room =>
    matchMedia(WIDE).matches ? 'wide' : matchMedia(NARROWER).matches ? 'narrow' : 'phone';
  const [room, setRoom] = useState(measure);
  useLayoutEffect(() => {
    const queries = [WIDE, NARROWER].map((query) => matchMedia(query));
    const listen = () => setRoom(measure());
    for (const query of queries) query.addEventListener('change', listen);
    return () => {
      for (const query of queries) query.removeEventListener('change', listen);
    };
  }, []);
  return room;
}
