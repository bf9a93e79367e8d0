/** What the keys do, in the order in which the help shows them. */
import { helpShortcut } from '../../pages/help.tsx';
import type { ShortcutGroup } from '../../pages/shortcuts.ts';
import { turnZoom } from '../../pages/zoom-switch.tsx';
import { moveBy } from './actor-tree.tsx';
import { chooseFile, toggleRecording } from './files.ts';
import type { InspectorStore } from './store.ts';

const FAR = 10;

export function inspectorShortcuts(store: InspectorStore): readonly ShortcutGroup[] {
  const traces = {
    name: 'Traces',
    shortcuts: [
      { keys: 'r', about: 'Record; stop and save the trace', run: () => toggleRecording(store) },
      { keys: 'o', about: 'Open a trace', run: chooseFile },
    ],
  };
  const cluster = store.history.isOfActors ? [] : [clusterKeys(store)];
  return [timeKeys(store), viewKeys(store), ...cluster, traces];
}

function timeKeys(store: InspectorStore): ShortcutGroup {
  const toBeginning = () => store.seek(store.history.span?.fromMs ?? 0);
  const step = ({ key, shiftKey }: KeyboardEvent) => {
    const by = key === 'ArrowLeft' ? -1 : 1;
    for (let done = 0; done < (shiftKey ? FAR : 1); done += 1) store.step(by);
  };
  return {
    name: 'Time',
    shortcuts: [
      {
        keys: 'Space',
        about: 'Pause; back to the present; play a trace',
        run: () => store.toggleTime(),
      },
      {
        keys: 'ArrowLeft ArrowRight',
        shown: '← →',
        about: `Previous or next event of the chosen actor (with Shift ${FAR})`,
        run: step,
      },
      { keys: 'Home', about: 'The oldest event that is kept', run: toBeginning },
      { keys: 'End', about: 'The present', run: () => store.goLive() },
    ],
  };
}

function viewKeys(store: InspectorStore): ShortcutGroup {
  const chooseTab = ({ key }: KeyboardEvent) => {
    store.tab.value = key.toLowerCase() === 'l' ? 'log' : 'context';
  };
  const findText = () => {
    store.tab.value = 'log';
    // Preact draws it in a microtask; the next key is for it already.
    queueMicrotask(() => document.getElementById('filter-text')?.focus());
  };
  const sizes = 'whole, fit to width, natural size, or automatic';
  return {
    name: 'What is shown',
    shortcuts: [
      { keys: '↑ ↓', about: 'In the tree, the log and the sequence: move from one to the next' },
      {
        keys: '[ ]',
        about: 'Previous or next actor',
        run: ({ key }) => moveBy(store, key === '[' ? -1 : 1),
      },
      { keys: 'l c', about: 'The event log, the context', run: chooseTab },
      { keys: '/', about: 'Filter the log by a text', run: findText },
      { keys: 'z', about: `The statechart ${sizes}`, run: turnZoom },
      helpShortcut,
    ],
  };
}

/** For what only a cluster has. */
function clusterKeys(store: InspectorStore): ShortcutGroup {
  const chooseServer = ({ key }: KeyboardEvent) => {
    const server = store.history.servers[Number(key) - 1];
    if (server !== undefined) store.choose(server);
  };
  const toggleHeartbeats = () => {
    store.showsHeartbeats.value = !store.showsHeartbeats.value;
  };
  return {
    name: 'The cluster',
    shortcuts: [
      { keys: '1 2 3 4 5 6 7 8 9', shown: '1 … 9', about: 'A server', run: chooseServer },
      { keys: 'h', about: 'Show or hide heartbeats in the sequence', run: toggleHeartbeats },
    ],
  };
}
