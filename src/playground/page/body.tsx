/** What stands between head and transport, arranged for the room there is. */
import { useEffect, useState } from 'preact/hooks';
import { Tabs } from '#pages/tabs.tsx';
import type { ServerId } from '#rules/entries';
import type { Frame } from '../frame.ts';
import type { Commands } from './app.tsx';
import { leaderOf, situation } from './frame-facts.ts';
import { Legend } from './help.tsx';
import { ClientPanel } from './panels/client-panel.tsx';
import { FeedPanel } from './panels/feed-panel.tsx';
import { LogTable } from './panels/log-table.tsx';
import { MachinePanel } from './panels/machine-panel.tsx';
import { MessagesPanel } from './panels/messages-panel.tsx';
import { Narration } from './panels/narration.tsx';
import { NetworkPanel } from './panels/network-panel.tsx';
import { PairsTable } from './panels/pairs-table.tsx';
import { PropertiesPanel } from './panels/properties-panel.tsx';
import { ServerCard } from './panels/server-card.tsx';
import { Ring } from './ring/ring.tsx';
import type { Session } from './session.ts';

export interface Selection {
  readonly server: ServerId | null;
  readonly flight: number | null;
  readonly link: readonly [ServerId, ServerId] | null;
}

interface BodyProps {
  readonly session: Session;
  readonly frame: Frame;
  readonly selection: Selection;
  /** The one that was asked for last. */
  readonly panel: Panel | null;
  readonly commands: Commands;
}

const TITLES = {
  feed: 'What happens',
  client: 'Client',
  messages: 'Messages',
  network: 'Links',
  pairs: 'Keys',
  safety: 'Safety',
  log: 'Log',
  machine: 'Server',
} as const;
export type Panel = keyof typeof TITLES;
type Room = 'phone' | 'narrow' | 'wide';

const SIDE: readonly Panel[] = ['client', 'pairs', 'network', 'messages', 'safety'];
const NARROW: readonly Panel[] = ['machine', 'feed', ...SIDE];
const PHONE: readonly Panel[] = ['machine', 'feed', 'log', ...SIDE];

export function Body(props: BodyProps) {
  const room = useRoom();
  const { session, frame, selection, panel, commands } = props;
  const ring = (
    <section class="area area-ring panel" aria-label="The cluster">
      <div class="situation">
        <p>{situation(frame)}</p>
        <Verdict frame={frame} onOpen={() => commands.show('safety')} />
      </div>
      <Ring
        stage={session.stage}
        frame={frame}
        selection={selection}
        onServer={(server) => {
          commands.select({ server });
          if (room !== 'wide') commands.show('machine');
        }}
        onFlight={(flight) => {
          session.stage.player.pause(); // It would be gone before it is read.
          commands.select({ flight });
          commands.show('messages');
        }}
        onLink={(link) => {
          commands.select({ link });
          commands.show('network');
        }}
      />
      <Legend />
    </section>
  );
  const tabs = (names: readonly Panel[]) => {
    const chosen = panel !== null && names.includes(panel) ? panel : (names[0] ?? 'client');
    return (
      <Tabs
        label="Views"
        tabs={names.map((name) => ({ name, title: TITLES[name] }))}
        chosen={chosen}
        onChoose={commands.show}
      >
        <View {...props} panel={chosen} />
      </Tabs>
    );
  };
  const story = session.story !== null && (
    <Narration story={session.story} player={session.stage.player} />
  );
  const log = (
    <section class="area panel" aria-label="Logs">
      <View {...props} panel="log" />
    </section>
  );
  if (room === 'phone') {
    return (
      <main class="stage is-phone">
        {ring}
        {story}
        <div class="area panel">{tabs(PHONE)}</div>
      </main>
    );
  }
  if (room === 'narrow') {
    return (
      <main class="stage is-narrow">
        <div class="column">
          {ring}
          {log}
        </div>
        <div class="column">
          {story}
          <div class="area is-tall panel">{tabs(NARROW)}</div>
        </div>
      </main>
    );
  }
  return (
    <main class="stage is-wide">
      <div class="column">
        {ring}
        {log}
      </div>
      <section class="area is-tall panel" aria-label="The selected server">
        <View {...props} panel="machine" />
      </section>
      <div class="column">
        {story}
        <section class="area area-feed panel" aria-label={TITLES.feed}>
          <View {...props} panel="feed" />
        </section>
        <div class="area area-side panel">{tabs(SIDE)}</div>
      </div>
    </main>
  );
}

/** The five properties in three words, and the way to them. */
function Verdict({ frame, onOpen }: { readonly frame: Frame; readonly onOpen: () => void }) {
  const isSafe = frame.violation === null;
  return (
    <button
      type="button"
      class={`verdict-button ${isSafe ? '' : 'is-fallen'}`}
      title="The five safety properties of Figure 3"
      onClick={onOpen}
    >
      {isSafe ? '✓ all five properties hold' : '✗ a property has fallen'}
    </button>
  );
}

function View({
  panel,
  session,
  frame,
  selection,
  commands,
}: BodyProps & { readonly panel: Panel }) {
  const leader = leaderOf(frame);
  const server = frame.servers.find(({ id }) => id === selection.server) ?? frame.servers[0];
  const select = (id: ServerId) => commands.select({ server: id });
  switch (panel) {
    case 'feed':
      return <FeedPanel stage={session.stage} frame={frame} />;
    case 'client':
      return <ClientPanel frame={frame} leader={leader?.id ?? null} onAction={commands.act} />;
    case 'messages':
      return (
        <MessagesPanel
          frame={frame}
          selected={selection.flight}
          onSelect={(flight) => commands.select({ flight })}
          onAction={commands.act}
        />
      );
    case 'network':
      return <NetworkPanel frame={frame} selected={selection.link} onAction={commands.act} />;
    case 'pairs':
      return <PairsTable frame={frame} leader={leader?.id ?? null} />;
    case 'safety':
      return <PropertiesPanel frame={frame} />;
    case 'log':
      return (
        <LogTable frame={frame} leader={leader} selected={server?.id ?? null} onServer={select} />
      );
    case 'machine':
      return server === undefined ? null : (
        <>
          <ServerCard server={server} frame={frame} onAction={commands.act} />
          <MachinePanel stage={session.stage} frame={frame} server={server} />
        </>
      );
  }
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
