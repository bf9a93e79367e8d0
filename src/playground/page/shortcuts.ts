/** Everything by keyboard: one list, which the help shows and the page obeys. */
export interface Shortcut {
  /** As `KeyboardEvent.key` has them; several do the same. */
  readonly keys: readonly string[];
  /** As the help shows them, when it is not the keys themselves. */
  readonly shown?: string;
  readonly about: string;
  readonly group: string;
  readonly run: (event: KeyboardEvent) => void;
}

const TYPING = 'input:not([type="radio"]):not([type="range"]), textarea, select, [contenteditable]';
/** What Space and Enter press by themselves. */
const PRESSED = 'button, a, summary, [role="tab"], input[type="radio"]';
/** What arrows move by themselves. */
const MOVED = 'input[type="radio"], input[type="range"], [role="tab"], [role="slider"]';

/** What was pressed with a mouse or a finger keeps the focus, but not the keys. */
let pointed: Element | null = null;

export function notePointer({ target }: PointerEvent): void {
  pointed = target instanceof Element ? target.closest(PRESSED) : null;
}

/** Whether the element in focus wants that key for itself. */
function isWanted({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest(TYPING) !== null) return true;
  if (key === ' ' || key === 'Enter') {
    const pressed = target.closest(PRESSED);
    return pressed !== null && pressed !== pointed;
  }
  const isMove = key.startsWith('Arrow') || key === 'Home' || key === 'End';
  return isMove && target.closest(MOVED) !== null;
}

export function obey(shortcuts: readonly Shortcut[], event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.key === 'Tab') pointed = null;
  if (isWanted(event)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const shortcut = shortcuts.find(({ keys }) => keys.includes(key));
  if (shortcut === undefined) return;
  event.preventDefault();
  // Some browsers press a button when the key is let go, whatever was said when it went down.
  if (event.target === pointed && pointed instanceof HTMLElement) pointed.blur();
  shortcut.run(event);
}
