/** The inspector: puts the page together. */
import '../../pages/theme.css';
import './page.css';
import { render } from 'preact';
import { listenToShortcuts } from '../../pages/shortcuts.ts';
import { applyStoredTheme } from '../../pages/theme-switch.tsx';
import { inspectorDebugApi } from './debug-api.ts';
import { acceptDrops } from './files.ts';
import { InspectorPage } from './page.tsx';
import { PageSockets } from './page-sockets.ts';
import { inspectorShortcuts } from './shortcuts.ts';
import { InspectorStore } from './store.ts';

applyStoredTheme();
const root = document.getElementById('page');
if (root !== null) {
  const store = new InspectorStore();
  const sockets = new PageSockets(store);
  Object.assign(globalThis, { statecraft: inspectorDebugApi(store) });
  listenToShortcuts(() => inspectorShortcuts(store));
  acceptDrops(store);
  root.replaceChildren();
  sockets.dial(location.origin);
  render(<InspectorPage store={store} sockets={sockets} />, root);
}
