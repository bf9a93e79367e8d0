/** The playground: puts the page together. */
import '../../pages/theme.css';
import './page.css';
import './ring/ring.css';
import './panels/panels.css';
import './panels/tables.css';
import './panels/network.css';
import './transport/transport.css';
import { render } from 'preact';
import { listenToShortcuts } from '../../pages/shortcuts.ts';
import { applyStoredTheme } from '../../pages/theme-switch.tsx';
import { keepAddress } from './address.ts';
import { Announcer } from './announcer.tsx';
import { Body } from './body.tsx';
import { playgroundDebugApi } from './debug-api.ts';
import { Header } from './header.tsx';
import { Notices } from './notices.tsx';
import { PlaygroundHelp } from './playground-help.tsx';
import { playgroundShortcuts } from './shortcuts.ts';
import { type OfPlayground, PlaygroundStore } from './store.ts';
import { TransportBar } from './transport/transport-bar.tsx';

function App({ store }: OfPlayground) {
  return (
    <div class="playground">
      <Header store={store} />
      <Body store={store} />
      <Notices store={store} />
      <TransportBar store={store} />
      <Announcer store={store} />
      <PlaygroundHelp store={store} />
    </div>
  );
}

async function main(page: HTMLElement): Promise<void> {
  applyStoredTheme();
  const hasPlace = location.hash.length > 1;
  const store = await PlaygroundStore.open(location.hash, (events, of) => {
    page.textContent = `Playing the run of this link again: event ${events} of ${of}`;
  });
  store.beginsByItself = !matchMedia('(prefers-reduced-motion: reduce)').matches;
  page.textContent = '';
  render(<App store={store} />, page);
  keepAddress(store);
  listenToShortcuts(() => playgroundShortcuts(store));
  Object.assign(globalThis, { statecraft: playgroundDebugApi(store) });
  const isPlace = hasPlace && store.complaint.value === null;
  if (store.beginsByItself && !isPlace) store.player.play();
}

const page = document.getElementById('page');
if (page !== null) void main(page);
