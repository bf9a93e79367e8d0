/** The page: one frame, many views of it. */
import { useLayoutEffect, useMemo, useReducer, useState } from 'preact/hooks';
import type { Zoom } from '../../pages/statechart-place.ts';
import { nextZoom } from '../../pages/statechart-zoom.tsx';
import type { Action } from '../action.ts';
import type { Frame } from '../frame.ts';
import { copyLink } from './address.ts';
import { Announcer } from './announcer.tsx';
import { Body } from './body.tsx';
import type { Intent, Objection } from './deeds.ts';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { InTurn } from './in-turn.tsx';
import { shortcutsOf } from './keys.ts';
import { Notices, type Remark } from './notices.tsx';
import type { Player } from './player.ts';
import type { RunChoice } from './run.ts';
import type { Session } from './session.ts';
import { notePointer, obey } from './shortcuts.ts';
import { Transport } from './transport/transport.tsx';
import type { Panel, Selection } from './view.tsx';

export function App({ session }: { readonly session: Session }) {
  const { stage } = session;
  const { player } = stage;
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [chosen, choose] = useState<Omit<Selection, 'server'>>({ flight: null, link: null });
  const [panel, setPanel] = useState<Panel | null>(null);
  const [remark, remarkOn] = useState<Remark | null>(null);
  const [zoom, setZoom] = useState<Zoom | null>(null);
  // Not after the first picture: what is new before it would never be drawn.
  useLayoutEffect(() => stage.onDraw(() => redraw(null)), [stage]);
  const { frame } = player;
  const isKnown = frame.servers.some(({ id }) => id === session.selected);
  const server = isKnown ? session.selected : (frame.servers[0]?.id ?? null);
  const commands = useMemo((): Commands => {
    const say = (sentence: string, isSo: (frame: Frame) => boolean = () => true) =>
      remarkOn({ sentence, tape: player.tape, isSo });
    const sayWhatIsLeft = (deeds: number) => {
      if (deeds > 0) say(leftBehind(deeds));
    };
    return {
      act: async (wanted) => {
        remarkOn(null);
        const objection = await session.act(wanted);
        if (objection !== null)
          say(objection.objection, (now) => isStillSo(objection, wanted, now));
      },
      select: ({ server: id, ...change }) => {
        remarkOn(null);
        if (id !== undefined) session.selected = id;
        choose((before) => ({ ...before, ...change }));
        stage.redraw();
      },
      show: setPanel,
      enter: (next) => {
        setPanel(next);
        // Preact draws it in a microtask; the next key is for it already.
        queueMicrotask(() => document.querySelector<HTMLElement>('.tab-panel')?.focus());
      },
      say,
      zoom: setZoom,
      turnZoom: () => setZoom(nextZoom),
      run: (choice) => {
        remarkOn(null);
        void session.start(choice).then(sayWhatIsLeft);
        redraw(null); // The next of two quick clicks counts from what the first has asked for.
      },
      rejoin: () => void session.rejoin().then(sayWhatIsLeft),
      undo: async () => {
        remarkOn(null);
        if (!(await session.undo())) say('There is no fork to undo.');
      },
      help: () => setHelpOpen(true),
    };
  }, [session]);
  // What it was about may be over before it has been read.
  const isDue = remark !== null && remark.tape === player.tape && remark.isSo(frame);
  useLayoutEffect(() => {
    if (!isDue) remarkOn(null);
  }, [isDue]);
  const selection = useMemo((): Selection => ({ ...chosen, server }), [chosen, server]);
  // Not after the next picture: a key must find what the key before it has selected.
  useLayoutEffect(() => {
    const listen = (event: KeyboardEvent) => {
      obey(shortcutsOf(session, selection, commands), event);
    };
    document.addEventListener('keydown', listen);
    document.addEventListener('pointerdown', notePointer);
    return () => {
      document.removeEventListener('keydown', listen);
      document.removeEventListener('pointerdown', notePointer);
    };
  });
  return (
    <div class="playground">
      <Header
        choice={session.choice}
        scenarios={session.scenarios}
        onRun={commands.run}
        onShare={() => copyLink(session)}
        onHelp={commands.help}
        onSay={(complaint) => session.say(complaint)}
      />
      <Body shown={{ session, frame, selection, zoom, commands }} panel={panel} />
      <Notices
        fork={player.fork}
        isAtEnd={player.isOver && frame.violation === null}
        complaint={session.complaint ?? player.problem}
        violation={frame.violation}
        remark={isDue ? remark : null}
        progress={session.wish.progress}
        isCalmBeginning={!session.beginsByItself && isBeginning(player)}
        onForgetRemark={() => remarkOn(null)}
        onUndo={commands.undo}
        onForgetFork={() => player.dismiss()}
        onForgetComplaint={() => {
          session.say(null);
          player.dismiss();
        }}
      />
      <InTurn
        stage={stage}
        part="others"
        on={[player.isPlaying, player.speed]}
        draw={() => <Transport player={player} />}
      />
      <Announcer stage={stage} frame={frame} />
      {isHelpOpen && (
        <Help
          shortcuts={shortcutsOf(session, selection, commands)}
          onClose={() => setHelpOpen(false)}
        />
      )}
    </div>
  );
}

function isBeginning({ seen, isPlaying, stops }: Player): boolean {
  return seen === 0 && !isPlaying && stops.length === 0;
}

function isStillSo({ objection }: Objection, wanted: Action | Intent, frame: Frame): boolean {
  const again = typeof wanted === 'function' ? wanted(frame) : wanted;
  return 'objection' in again && again.objection === objection;
}

function leftBehind(deeds: number): string {
  const yours = deeds === 1 ? 'a deed of yours' : `${deeds} deeds of yours`;
  return `This is another run. The one before has ${yours}: the browser’s Back brings it back.`;
}

/** What the page's parts may ask for. */
export interface Commands {
  act(wanted: Action | Intent): void;
  select(change: Partial<Selection>): void;
  /** Brings that panel to the front, where panels share a place. */
  show(panel: Panel): void;
  /** That as well, and puts the focus there. */
  enter(panel: Panel): void;
  /** A word about what cannot be done, for a moment. */
  say(sentence: string): void;
  zoom(zoom: Zoom | null): void;
  /** The size that comes after the one there is. */
  turnZoom(): void;
  run(choice: RunChoice): void;
  /** Back to the story that was left. */
  rejoin(): void;
  undo(): void;
  help(): void;
}
