/** Keeps the address of the page what one sees: not too often, and never as a new page. */
import type { Script } from '../script.ts';
import type { Session } from './session.ts';

const EVERY_MS = { playing: 700, still: 100 };

/** The fragment that was written, or has been followed, last. */
let known = '';

export function keepAddress(session: Session): void {
  const { stage } = session;
  const { player } = stage;
  known = location.hash;
  let writtenMs = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let script: Script | null = null;
  const keep = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (location.hash !== known) return; // Another was typed just now, and is followed first.
    writtenMs = performance.now();
    script = player.tape.script;
    const link = session.link();
    if (typeof link === 'string' && `#${link}` !== known) write(link);
  };
  stage.onDraw(() => {
    // What was done is written at once, and where one stands almost so: browsers allow some ten
    // addresses a second.
    const isGoing = player.isPlaying && player.tape.script === script;
    const waitMs = writtenMs + EVERY_MS[isGoing ? 'playing' : 'still'] - performance.now();
    if (waitMs <= 0) keep();
    else if (timer === null || !isGoing) {
      if (timer !== null) clearTimeout(timer);
      timer = setTimeout(keep, waitMs);
    }
  });
  addEventListener('hashchange', () => {
    const { hash } = location;
    if (hash === known) return;
    void session.follow(hash).finally(() => {
      if (hash === location.hash) known = hash;
    });
  });
}

function write(link: string): void {
  history.replaceState(null, '', `#${link}`);
  known = location.hash;
}

/** Copies a link to what one sees, and says what came of it. */
export async function copyLink(session: Session): Promise<string> {
  const link = session.link();
  if (typeof link !== 'string') {
    session.say(link.error);
    return 'Too much for a link';
  }
  write(link);
  try {
    await navigator.clipboard.writeText(location.href);
    return 'Link copied';
  } catch {
    return 'See the address bar'; // Where the clipboard is not given.
  }
}
