/** The inspector: puts the page together. */
import '../../pages/theme.css';
import './page.css';
import { render } from 'preact';
import { applyStoredTheme } from '../../pages/theme-switch.tsx';
import { Connections } from './connections.ts';
import { Desk } from './desk.ts';
import { doorOf } from './door.ts';
import { drawsByFrame } from './drawing.ts';
import { acceptDrops, chooseFile, toggleRecording } from './files.ts';
import { listenToKeys } from './keyboard.ts';
import { Page } from './page.tsx';

applyStoredTheme();
const root = document.getElementById('page');
if (root !== null) {
  const drawing = drawsByFrame(() => render(<Page desk={desk} commands={commands} />, root));
  const desk = new Desk(drawing);
  const connections = new Connections(desk, location.origin);
  const commands = {
    record: () => toggleRecording(desk),
    open: chooseFile,
    showToken: (token: string) => connections.show(token),
  };
  Object.assign(globalThis, { statecraft: doorOf(desk) });
  listenToKeys(desk, commands);
  acceptDrops(desk);
  root.replaceChildren();
  connections.open();
  drawing.now();
}
