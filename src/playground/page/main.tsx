/** The playground: puts the page together. */
import '#pages/theme.css';
import './page.css';
import './ring.css';
import './panels.css';
import './transport/transport.css';
import { render } from 'preact';
import { applyStoredTheme } from '#pages/theme-switch.tsx';
import { App } from './app.tsx';
import { Session } from './session.ts';

applyStoredTheme();
const session = await Session.open();
const page = document.getElementById('page');
if (page !== null) render(<App session={session} />, page);
if (!matchMedia('(prefers-reduced-motion: reduce)').matches) session.stage.player.play();
