/**
 * Keeps the address of the page what one sees: not too often, and each run in an entry of its own of
 * the browser's history, so that Back and Forward lead from run to run.
 */
import { fragmentOf } from '../link.ts';
import type { Script } from '../script.ts';
import type { Left, Session } from './session.ts';

const EVERY_MS = { playing: 700, still: 100 };

/** What is kept with an entry: no link's limits hold for it, but only this very page reads it. */
interface Kept {
  readonly page: number;
  readonly left: Left;
}

/** The fragment that was written, or has been taken up, last; and how much of the run was kept. */
let known = '';
let knownThrough: number | null = null;

export function keepAddress(session: Session): void {
  const { stage } = session;
  const { player } = stage;
  known = location.hash;
  let writtenMs = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let script: Script | null = null;
  let isBehind = false;
  /** Where one went by the browser, until the page is there. */
  let destination: { readonly hash: string } | null = null;
  const keep = () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    if (destination !== null || location.hash !== known) return;
    writtenMs = performance.now();
    script = player.tape.script;
    const isCarried = write(session, 'replaceState');
    if (!isCarried && !isBehind) session.say(behind());
    isBehind = !isCarried;
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
  session.onTurn((show) => {
    keep();
    show();
    destination = null; // Whoever asked for a run after going somewhere wants that run.
    isBehind = false;
    write(session, 'pushState');
  });
  addEventListener('popstate', ({ state }: { readonly state: Kept | null }) => {
    const { hash } = location;
    const left = state?.page === performance.timeOrigin ? state.left : null;
    if (left === null && hash === known) return;
    known = hash;
    const here = { hash };
    destination = here;
    void session.follow(hash, left).finally(() => {
      if (destination === here) destination = null;
    });
  });
}

/** False when no link can carry what one sees: the address stays as it is. */
function write(session: Session, how: 'replaceState' | 'pushState'): boolean {
  const left = session.place;
  const link = fragmentOf(left);
  const isCarried = typeof link === 'string';
  const isSame = isCarried && `#${link}` === known && left.through === knownThrough;
  if (isSame && how === 'replaceState') return true;
  const kept: Kept = { page: performance.timeOrigin, left };
  history[how](kept, '', isCarried ? `#${link}` : location.href);
  known = location.hash;
  knownThrough = left.through;
  return isCarried;
}

function behind(): string {
  const at = /at=(\d+)$/.exec(known)?.[1] ?? '0';
  return (
    `This run is now more than a link can carry: the address stays at event ${at}, and reloading ` +
    'leads there. Everything else goes on as before.'
  );
}

/** Copies a link to what one sees, and says what came of it. */
export async function copyLink(session: Session): Promise<string> {
  const link = fragmentOf(session.place);
  if (typeof link !== 'string') {
    session.say(link.error);
    return 'Too much for a link';
  }
  write(session, 'replaceState');
  try {
    await navigator.clipboard.writeText(location.href);
    return 'Link copied';
  } catch {
    return 'See the address bar'; // Where the clipboard is not given.
  }
}
