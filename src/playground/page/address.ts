/**
 * Keeps the address of the page what one sees: not too often, and each run in an entry of its own of
 * the browser's history, so that Back and Forward lead from run to run.
 */
import { effect } from '@preact/signals';
import { fragmentOf } from '../link.ts';
import type { Script } from '../script.ts';
import type { Bookmark } from './run.ts';
import type { PlaygroundStore } from './store.ts';

const EVERY_MS = { playing: 700, still: 100 };

/** What is kept with an entry: no link's limits hold for it, but only this very page reads it. */
interface EntryState {
  readonly page: number;
  readonly left: Bookmark;
}

/** The fragment that was written, or has been taken up, last; and how much of the run was kept. */
let known = '';
let knownThrough: number | null = null;

export function keepAddress(store: PlaygroundStore): void {
  const { isPlaying } = store.player;
  known = location.hash;
  let writtenMs = Number.NEGATIVE_INFINITY;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let script: Script | null = null;
  let isBehind = false;
  /** Where one went by the browser, until the page is there. */
  let destination: { readonly hash: string } | null = null;
  const keep = () => {
    clearTimeout(timer);
    timer = undefined;
    if (destination !== null || location.hash !== known) return;
    writtenMs = performance.now();
    script = store.bookmark.script;
    const isCarried = write(store, 'replaceState');
    if (!isCarried && !isBehind) store.complaint.value = behind();
    isBehind = !isCarried;
  };
  effect(() => {
    // What was done is written at once, and where one stands almost so: browsers allow some ten
    // addresses a second.
    const isGoing = store.bookmark.script === script && isPlaying.value;
    const waitMs = writtenMs + EVERY_MS[isGoing ? 'playing' : 'still'] - performance.now();
    if (timer !== undefined && isGoing) return;
    clearTimeout(timer);
    timer = setTimeout(keep, waitMs);
  });
  store.turn = (show) => {
    keep();
    show();
    destination = null; // Whoever asked for a run after going somewhere wants that run.
    isBehind = false;
    write(store, 'pushState');
  };
  addEventListener('popstate', ({ state }: { readonly state: EntryState | null }) => {
    const { hash } = location;
    const left = state?.page === performance.timeOrigin ? state.left : null;
    if (left === null && hash === known) return;
    known = hash;
    const here = { hash };
    destination = here;
    void store.follow(hash, left).finally(() => {
      if (destination === here) destination = null;
    });
  });
}

/** False when no link can carry what one sees: the address stays as it is. */
function write(store: PlaygroundStore, how: 'replaceState' | 'pushState'): boolean {
  const left = store.bookmark;
  const link = fragmentOf(left);
  const isCarried = typeof link === 'string';
  const isSame = isCarried && `#${link}` === known && left.through === knownThrough;
  if (isSame && how === 'replaceState') return true;
  const state: EntryState = { page: performance.timeOrigin, left };
  history[how](state, '', isCarried ? `#${link}` : location.href);
  known = location.hash;
  knownThrough = left.through;
  return isCarried;
}

function behind(): string {
  const at = /at=(\d+)$/.exec(known)?.[1] ?? '0';
  return (
    `This run is now longer than a link can hold: the address stays at event ${at}, and reloading ` +
    'leads there. Everything else goes on as before.'
  );
}

/** Copies a link to what one sees, and says what came of it. */
export async function copyLink(store: PlaygroundStore): Promise<string> {
  const link = fragmentOf(store.bookmark);
  if (typeof link !== 'string') {
    store.complaint.value = link.error;
    return 'Too much for a link';
  }
  write(store, 'replaceState');
  try {
    await navigator.clipboard.writeText(location.href);
    return 'RunLink copied';
  } catch {
    return 'See the address bar'; // Where the clipboard is not given.
  }
}
