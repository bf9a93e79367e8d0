/** The page: what is on it, from head to transport. */
import { Announcer } from './announcer.tsx';
import { Body } from './body.tsx';
import { Header } from './header.tsx';
import { Notices } from './notices.tsx';
import { PlaygroundHelp } from './playground-help.tsx';
import type { OfPlayground } from './store.ts';
import { TransportBar } from './transport/transport-bar.tsx';

export function App({ store }: OfPlayground) {
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
