/** What stands between head and transport, arranged for the room there is. */
import { useEffect, useState } from 'preact/hooks';
import { Tabs } from '#pages/tabs.tsx';
import { Narration } from './panels/narration.tsx';
import { RingArea } from './ring-area.tsx';
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
      <RingArea {...shown} isAlone />
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
        <RingArea {...shown} isAlone />
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
        <RingArea {...shown} isAlone={false} />
        <Logs {...shown} />
      </div>
      <section class="area is-tall panel" aria-label="The selected server">
        <View {...shown} panel="machine" />
      </section>
      <div class="column">
        <Story {...shown} />
        <section class="area area-feed panel" aria-label={TITLES.feed}>
          <View {...shown} panel="feed" />
        </section>
        <div class="area area-side panel">
          <Choice shown={shown} panel={panel} names={SIDE} />
        </div>
      </div>
    </main>
  );
}

function Logs(shown: Shown) {
  return (
    <section class="area panel" aria-label="Logs">
      <View {...shown} panel="log" />
    </section>
  );
}

function Story({ session }: Shown) {
  const { story, stage } = session;
  if (story === null) return null;
  return <Narration story={story} player={stage.player} onRejoin={() => void session.rejoin()} />;
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
      <View {...shown} panel={chosen} />
    </Tabs>
  );
}

const WIDE = '(min-width: 1200px)';
const NARROWER = '(min-width: 900px)';

function useRoom(): Room {
  const measure = (): Room =>
    matchMedia(WIDE).matches ? 'wide' : matchMedia(NARROWER).matches ? 'narrow' : 'phone';
  const [room, setRoom] = useState(measure);
  useEffect(() => {
    const queries = [WIDE, NARROWER].map((query) => matchMedia(query));
    const listen = () => setRoom(measure());
    for (const query of queries) query.addEventListener('change', listen);
    return () => {
      for (const query of queries) query.removeEventListener('change', listen);
    };
  }, []);
  return room;
}
