/** The playground: puts the page together. */
import '../../pages/theme.css';
import './page.css';
import './ring/ring.css';
import './panels/panels.css';
import './panels/tables.css';
import './panels/network.css';
import './transport/transport.css';
import { render } from 'preact';
import { applyStoredTheme } from '../../pages/theme-switch.tsx';
import { keepAddress } from './address.ts';
import { App } from './app.tsx';
import { consoleOf, type PageConsole } from './console.ts';
import { Session } from './session.ts';

declare global {
  var statecraft: PageConsole;
}

async function main(page: HTMLElement): Promise<void> {
  applyStoredTheme();
  const hasPlace = location.hash.length > 1;
  const session = await Session.open(location.hash, (events, of) => {
    page.textContent = `Playing the run of this link again: event ${events} of ${of}`;
  });
  session.beginsByItself = !matchMedia('(prefers-reduced-motion: reduce)').matches;
  page.textContent = '';
  render(<App session={session} />, page);
  keepAddress(session);
  globalThis.statecraft = consoleOf(session);
  const isPlace = hasPlace && session.complaint === null;
  if (session.beginsByItself && !isPlace) session.stage.player.play();
}

const page = document.getElementById('page');
if (page !== null) void main(page);
