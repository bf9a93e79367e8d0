/** Keeps the address of the page what one sees: not too often, and never as a new page. */
import type { Session } from './session.ts';

const EVERY_MS = 700;

export function keepAddress(session: Session): void {
  let isDue = false;
  let written = location.hash;
  const write = () => {
    isDue = false;
    const link = session.link();
    if (typeof link !== 'string' || `#${link}` === written) return;
    written = `#${link}`;
    history.replaceState(null, '', written);
  };
  session.stage.onDraw(() => {
    if (isDue) return;
    isDue = true;
    setTimeout(write, EVERY_MS);
  });
  addEventListener('hashchange', () => {
    if (location.hash === written) return;
    written = location.hash;
    void session.follow(location.hash);
  });
}

/** Copies a link to what one sees, and says what came of it. */
export async function copyLink(session: Session): Promise<string> {
  const link = session.link();
  if (typeof link !== 'string') {
    session.say(link.error);
    return 'Too much for a link';
  }
  history.replaceState(null, '', `#${link}`);
  try {
    await navigator.clipboard.writeText(location.href);
    return 'Link copied';
  } catch {
    return 'See the address bar'; // Where the clipboard is not given.
  }
}
