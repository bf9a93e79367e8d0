/** What the keys do, in the order in which the help shows them. */
import { helpShortcut } from '../../pages/help.tsx';
import type { ShortcutGroup } from '../../pages/shortcuts.ts';
import { turnZoom } from '../../pages/zoom-switch.tsx';
import { randomSeed } from './header.tsx';
import { CLIENT_KEY } from './panels/client-panel.tsx';
import { ACTION_PLACES, dropRequest, healRequest, requestAt } from './server-actions.ts';
import type { PlaygroundStore } from './store.ts';
import { neighbour } from './transport/time-words.ts';

const FAR = 10;

export function playgroundShortcuts(store: PlaygroundStore): readonly ShortcutGroup[] {
  return [timeKeys(store), serverKeys(store), otherKeys(store)];
}

function timeKeys(store: PlaygroundStore): ShortcutGroup {
  const { player } = store;
  const step = (by: number) => (event: KeyboardEvent) =>
    player.step(event.shiftKey ? FAR * by : by);
  const faster = (by: number) => () => {
    player.speed.value = neighbour(player.speed.value, by);
  };
  const far = `(with Shift ${FAR})`;
  return {
    name: 'Time',
    shortcuts: [
      { keys: 'Space', about: 'Play or pause', run: () => player.toggle() },
      { keys: 'ArrowLeft', shown: '←', about: `One event back ${far}`, run: step(-1) },
      { keys: 'ArrowRight', shown: '→', about: `One event forward ${far}`, run: step(1) },
      { keys: 'Home', about: 'To the beginning', run: () => player.goTo(0) },
      { keys: 'End l', about: 'To the last event, and on', run: () => player.goLive() },
      { keys: '[', about: 'Slower', run: faster(-1) },
      { keys: ']', about: 'Faster', run: faster(1) },
      { keys: 'u', about: 'Undo a fork of history', run: () => store.undo() },
    ],
  };
}

function serverKeys(store: PlaygroundStore): ShortcutGroup {
  const { servers } = store.player.frame.value;
  const select = {
    keys: servers.map((_, at) => at + 1).join(' '),
    shown: `1 … ${servers.length}`,
    about: 'Select a server',
    run: ({ key }: KeyboardEvent) => store.selectServer(servers[Number(key) - 1]?.id ?? null),
  };
  const actions = ACTION_PLACES.map((place) => ({
    keys: place.key,
    about: place.choices.map(({ name }) => name).join(', or '),
    run: () => store.act(requestAt(place, store.server.value)),
  }));
  return { name: 'The selected server', shortcuts: [select, ...actions] };
}

function otherKeys(store: PlaygroundStore): ShortcutGroup {
  const write = () => {
    store.panel.value = 'client';
    // Preact draws it in a microtask; the next key is for it already.
    queueMicrotask(() => {
      const field = document.querySelector<HTMLInputElement>(`#${CLIENT_KEY}`);
      field?.focus();
      field?.select();
    });
  };
  const nextFlight = () => {
    const { flights } = store.player.frame.value;
    const at = flights.findIndex(({ number }) => number === store.flight.value);
    const next = flights[(at + 1) % Math.max(flights.length, 1)];
    store.player.pause();
    store.enter('messages');
    if (next === undefined) store.say('No message is on its way.');
    else store.selectFlight(next.number);
  };
  // Held down, it would leave run after run that nobody has seen.
  const newRun = ({ repeat }: KeyboardEvent) => {
    if (!repeat) void store.run({ ...store.choice.value, scenario: null, seed: randomSeed() });
  };
  const drop = () => store.act(dropRequest(store.flight.value));
  const sizes = 'whole, fit to width, 100 %, or automatic';
  return {
    name: 'The rest',
    shortcuts: [
      { keys: 'w', about: 'Write as a client', run: write },
      { keys: 'm', about: 'Select the next message on its way', run: nextFlight },
      { keys: 'd', about: 'Drop the selected message', run: drop },
      { keys: 'g', about: 'Links and groups', run: () => store.enter('network') },
      { keys: 'h', about: 'Restore all links', run: () => store.act(healRequest) },
      { keys: 'n', about: 'A new run, with another seed', run: newRun },
      { keys: 'z', about: `The size of the statechart: ${sizes}`, run: turnZoom },
      helpShortcut,
    ],
  };
}
