/** The page: one frame, many views of it. */
import { useEffect, useMemo, useReducer, useState } from 'preact/hooks';
import type { Action } from '../action.ts';
import { Announcer } from './announcer.tsx';
import { Body, type Selection } from './body.tsx';
import { Header, type RunChoice } from './header.tsx';
import { Help } from './help.tsx';
import { shortcutsOf } from './keys.ts';
import { type Complaint, Notices } from './notices.tsx';
import type { Session } from './session.ts';
import { obey } from './shortcuts.ts';
import { Transport } from './transport/transport.tsx';

export function App({ session }: { readonly session: Session }) {
  const { stage } = session;
  const { player } = stage;
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [complaint, setComplaint] = useState<Complaint | null>(session.complaint);
  const [selection, select] = useState<Selection>({ server: null, flight: null, link: null });
  useEffect(() => stage.onDraw(() => redraw(null)), [stage]);
  const { frame } = player;
  const known = frame.servers.some(({ id }) => id === selection.server);
  const server = known ? selection.server : (frame.servers[0]?.id ?? '');
  const commands = useMemo(
    () => ({
      act: (action: Action) => void player.act(action),
      select: (change: Partial<Selection>) => select((before) => ({ ...before, ...change })),
      run: (choice: RunChoice) => session.start(choice),
      undo: () => session.undo(),
      help: () => setHelpOpen(true),
    }),
    [session],
  );
  const shown: Selection = { ...selection, server };
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      obey(shortcutsOf(session, shown, commands), event);
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  });
  return (
    <div class="playground">
      <Header
        choice={session.choice}
        scenarios={session.scenarios}
        onRun={commands.run}
        onShare={() => session.copyLink()}
        onHelp={commands.help}
      />
      <Body session={session} frame={frame} selection={shown} commands={commands} />
      <Transport player={player} />
      <Notices
        fork={player.fork}
        complaint={complaint}
        violation={frame.violation}
        onUndo={commands.undo}
        onForgetFork={() => player.dismiss()}
        onForgetComplaint={() => setComplaint(null)}
      />
      <Announcer stage={stage} frame={frame} />
      {isHelpOpen && (
        <Help
          shortcuts={shortcutsOf(session, shown, commands)}
          onClose={() => setHelpOpen(false)}
        />
      )}
    </div>
  );
}

/** What the page's parts may ask for. */
export interface Commands {
  act(action: Action): void;
  select(change: Partial<Selection>): void;
  run(choice: RunChoice): void;
  undo(): void;
  help(): void;
}
