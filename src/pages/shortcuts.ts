/** Everything by keyboard: one list for each page, which its help shows and its keys follow. */
export interface Shortcut {
  /** As `KeyboardEvent.key` has them, parted by spaces; several do the same. */
  readonly keys: string;
  /** As the help shows them, if not the keys themselves. */
  readonly shown?: string;
  readonly about: string;
  /** Absent where a list has these keys: the help shows them all the same. */
  readonly run?: (event: KeyboardEvent) => void;
}

export interface ShortcutGroup {
  readonly name: string;
  readonly shortcuts: readonly Shortcut[];
}

const TYPING = 'input:not([type="radio"]):not([type="range"]), textarea, select, [contenteditable]';
/** What Space and Enter press by themselves. */
const PRESSED = 'button, a, summary, [role="tab"], input[type="radio"]';
/** What arrows move by themselves. */
const MOVED = 'input[type="radio"], input[type="range"], [role="tab"], [role="slider"]';

/** What was pressed with a mouse or a finger keeps the focus, but not the keys. */
let pointed: Element | null = null;

/** @param shortcutsNow - asked at each key: what a key does depends on what is shown */
export function listenToShortcuts(shortcutsNow: () => readonly ShortcutGroup[]): void {
  document.addEventListener('pointerdown', ({ target }) => {
    pointed = target instanceof Element ? target.closest(PRESSED) : null;
  });
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === 'Tab') pointed = null;
    if (isForFocusedElement(event)) return;
    const key = event.key === ' ' ? 'Space' : event.key;
    const name = key.length === 1 ? key.toLowerCase() : key;
    const all = shortcutsNow().flatMap(({ shortcuts }) => shortcuts);
    const run = all.find(({ keys }) => keys.split(' ').includes(name))?.run;
    if (run === undefined) return;
    event.preventDefault();
    // Some browsers press a button when the key is released, whatever happened when it went down.
    if (event.target === pointed && pointed instanceof HTMLElement) pointed.blur();
    run(event);
  });
}

function isForFocusedElement({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest(TYPING) !== null) return true;
  if (key === ' ' || key === 'Enter') {
    const pressed = target.closest(PRESSED);
    return pressed !== null && pressed !== pointed;
  }
  const isMove = key.startsWith('Arrow') || key === 'Home' || key === 'End';
  return isMove && target.closest(MOVED) !== null;
}

/** For a list: arrow keys lead one on or one back, and mean nothing else meanwhile. */
export function onArrows(
  move: (by: 1 | -1, event: KeyboardEvent) => void,
  [back, on] = ['ArrowUp', 'ArrowDown'],
) {
  return (event: KeyboardEvent) => {
    const by = event.key === on ? 1 : event.key === back ? -1 : 0;
    if (by === 0) return;
    event.preventDefault();
    event.stopPropagation();
    move(by, event);
  };
}

/** From button to button of the list that listens. */
export const walkButtons = onArrows((by, { target, currentTarget }) => {
  if (!(target instanceof HTMLElement && currentTarget instanceof Element)) return;
  const buttons = [...currentTarget.querySelectorAll<HTMLElement>('button:enabled')];
  buttons[buttons.indexOf(target) + by]?.focus();
});
