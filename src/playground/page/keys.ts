/** The shortcuts of the page, for what is selected just now. */
import type { Commands } from './app.tsx';
import { DEED_PLACES, dropIntent, healIntent, intentAt } from './deeds.ts';
import { randomSeed } from './header.tsx';
import { CLIENT_KEY } from './panels/client-panel.tsx';
import type { Session } from './session.ts';
import type { Shortcut } from './shortcuts.ts';
import { neighbour } from './transport/speeds.ts';
import type { Selection } from './view.tsx';

const FAR = 10;

export function shortcutsOf(
  session: Session,
  selection: Selection,
  commands: Commands,
): readonly Shortcut[] {
  return [
    ...timeKeys(session, commands),
    ...serverKeys(session, selection, commands),
    ...otherKeys(session, selection, commands),
  ];
}

function timeKeys({ stage: { player } }: Session, commands: Commands): readonly Shortcut[] {
  const group = 'Time';
  const faster = (by: number) => player.setSpeed(neighbour(player.speed, by));
  return [
    {
      keys: [' '],
      shown: 'Space',
      about: 'Play or pause',
      group,
      run: () => (player.isPlaying ? player.pause() : player.play()),
    },
    {
      keys: ['ArrowLeft'],
      shown: '←',
      about: `One event back (with Shift ${FAR})`,
      group,
      run: ({ shiftKey }) => player.step(shiftKey ? -FAR : -1),
    },
    {
      keys: ['ArrowRight'],
      shown: '→',
      about: `One event forward (with Shift ${FAR})`,
      group,
      run: ({ shiftKey }) => player.step(shiftKey ? FAR : 1),
    },
    { keys: ['Home'], about: 'To the beginning', group, run: () => player.goTo(0) },
    {
      keys: ['End', 'l'],
      about: 'To the last event, and on',
      group,
      run: () => {
        player.seek(player.seen);
        player.play();
      },
    },
    { keys: ['['], about: 'Slower', group, run: () => faster(-1) },
    { keys: [']'], about: 'Faster', group, run: () => faster(1) },
    { keys: ['u'], about: 'Undo a fork of history', group, run: commands.undo },
  ];
}

function serverKeys(
  { stage: { player } }: Session,
  selection: Selection,
  commands: Commands,
): readonly Shortcut[] {
  const group = 'The selected server';
  const { frame } = player;
  const choose: Shortcut = {
    keys: frame.servers.map((_, at) => String(at + 1)),
    shown: `1 … ${frame.servers.length}`,
    about: 'Select a server',
    group,
    run: ({ key }) => commands.select({ server: frame.servers[Number(key) - 1]?.id ?? null }),
  };
  const deeds = DEED_PLACES.map((place): Shortcut => {
    const run = () => {
      if (selection.server !== null) commands.act(intentAt(place, selection.server));
    };
    const about = place.deeds.map(({ name }) => name).join(', or ');
    return { keys: [place.key], about, group, run };
  });
  return [choose, ...deeds];
}

function otherKeys(
  session: Session,
  selection: Selection,
  commands: Commands,
): readonly Shortcut[] {
  const group = 'The rest';
  const { frame } = session.stage.player;
  const nextFlight = () => {
    const at = frame.flights.findIndex(({ number }) => number === selection.flight);
    const next = frame.flights[(at + 1) % Math.max(frame.flights.length, 1)];
    session.stage.player.pause();
    commands.enter('messages');
    if (next === undefined) commands.say('No message is on its way.');
    else commands.select({ flight: next.number });
  };
  const { choice } = session;
  return [
    {
      keys: ['w'],
      about: 'Write as a client',
      group,
      run: () => {
        commands.show('client');
        // Preact draws it in a microtask; the next key is for it already.
        queueMicrotask(() => {
          const field = document.querySelector<HTMLInputElement>(`#${CLIENT_KEY}`);
          field?.focus();
          field?.select();
        });
      },
    },
    { keys: ['m'], about: 'Select the next message on its way', group, run: nextFlight },
    {
      keys: ['d'],
      about: 'Drop the selected message',
      group,
      run: () => commands.act(dropIntent(selection.flight)),
    },
    {
      keys: ['g'],
      about: 'Links and groups',
      group,
      run: () => commands.enter('network'),
    },
    { keys: ['h'], about: 'Restore all links', group, run: () => commands.act(healIntent) },
    {
      keys: ['n'],
      about: 'A new run, by another seed',
      group,
      // Held down, it would leave run after run that nobody has seen.
      run: ({ repeat }) => {
        if (!repeat) commands.run({ ...choice, scenario: null, seed: randomSeed() });
      },
    },
    {
      keys: ['z'],
      about: 'The size of the statechart: whole, as wide as its place, 100 %, or as it suits',
      group,
      run: commands.turnZoom,
    },
    { keys: ['?'], about: 'This help', group, run: commands.help },
  ];
}
