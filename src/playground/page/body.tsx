/** What stands between head and transport, arranged for the room there is. */
import { signal } from '@preact/signals';
import { bound } from '../../pages/controls.tsx';
import { Tabs } from '../../pages/tabs.tsx';
import { ClientPanel } from './panels/client-panel.tsx';
import { FeedPanel } from './panels/feed-panel.tsx';
import { LogTable } from './panels/log-table.tsx';
import { MachinePanel } from './panels/machine-panel.tsx';
import { MessagesPanel } from './panels/messages-panel.tsx';
import { Narration } from './panels/narration.tsx';
import { NetworkPanel } from './panels/network-panel.tsx';
import { PairsTable } from './panels/pairs-table.tsx';
import { PropertiesPanel } from './panels/properties-panel.tsx';
import type { ThrottledPart } from './render-loop.ts';
import { RingArea } from './ring-area.tsx';
import type { OfPlayground, PanelName } from './store.ts';

/** In the order of their tabs. */
const PANELS = {
  machine: { title: 'Server', Panel: MachinePanel },
  feed: { title: 'What happens', Panel: FeedPanel },
  log: { title: 'Log', Panel: LogTable },
  client: { title: 'Client', Panel: ClientPanel },
  pairs: { title: 'Keys', Panel: PairsTable },
  network: { title: 'Links', Panel: NetworkPanel },
  messages: { title: 'Messages', Panel: MessagesPanel },
  safety: { title: 'Safety', Panel: PropertiesPanel },
} satisfies Record<PanelName, object>;

/** A lower window has no room for areas one below the other. */
const WIDE = matchMedia('(min-width: 1200px) and (min-height: 600px)');
const NARROW = matchMedia('(min-width: 900px) and (min-height: 600px)');
const roomNow = () => (WIDE.matches ? 'wide' : NARROW.matches ? 'narrow' : 'phone');
const room = signal<'wide' | 'narrow' | 'phone'>(roomNow());
for (const query of [WIDE, NARROW]) {
  query.addEventListener('change', () => {
    room.value = roomNow();
  });
}

/** What stands by itself in a wide window, or in one that is not a phone's; the rest share a place. */
const ALONE: Readonly<Record<'wide' | 'narrow' | 'phone', readonly PanelName[]>> = {
  wide: ['machine', 'feed', 'log'],
  narrow: ['log'],
  phone: [],
};

export function Body({ store }: OfPlayground) {
  const place = room.value;
  const alone = ALONE[place];
  const names = (Object.keys(PANELS) as PanelName[]).filter((name) => !alone.includes(name));
  const ring = <RingArea store={store} isAlone={place !== 'wide'} />;
  const story = <Narration store={store} />;
  const logs = (
    <section class="area panel" aria-label="Logs">
      <PanelView store={store} name="log" part="log" />
    </section>
  );
  const tabs = (
    <div class={`area panel ${{ wide: 'area-side', narrow: 'is-tall', phone: '' }[place]}`}>
      <PanelTabs store={store} names={names} />
    </div>
  );
  if (place === 'phone') {
    return (
      <main class="stage is-phone">
        {ring}
        {story}
        {tabs}
      </main>
    );
  }
  return (
    <main class={`stage is-${place}`}>
      <div class="column">
        {ring}
        {logs}
      </div>
      {place === 'wide' && (
        <section class="area is-tall panel" aria-label="The selected server">
          <PanelView store={store} name="machine" part="machine" />
        </section>
      )}
      <div class="column">
        {story}
        {place === 'wide' && (
          <section class="area area-feed panel" aria-label={PANELS.feed.title}>
            <PanelView store={store} name="feed" part="feed" />
          </section>
        )}
        {tabs}
      </div>
    </main>
  );
}

interface PanelViewProps extends OfPlayground {
  readonly name: PanelName;
  /** When it has its turn. */
  readonly part: ThrottledPart;
}

function PanelView({ store, name, part }: PanelViewProps) {
  const { Panel } = PANELS[name];
  return <Panel store={store} frame={store.loop.frameOf(part)} />;
}

/** Panels that share a place. */
function PanelTabs({ store, names }: OfPlayground & { readonly names: readonly PanelName[] }) {
  const { panel } = store;
  const chosen = names.find((name) => name === panel.value) ?? names[0]!;
  const tabs = names.map((name) => [name, PANELS[name].title] as const);
  return (
    <Tabs label="Views" tabs={tabs} value={chosen} onChoose={bound(panel).onChoose}>
      <PanelView store={store} name={chosen} part="others" />
    </Tabs>
  );
}
