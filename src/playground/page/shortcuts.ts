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

/** Whether the element in focus wants that key for itself. */
function isWanted({ key, target }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest(TYPING) !== null) return true;
  if (key === ' ' || key === 'Enter') return target.closest(PRESSED) !== null;
  const isMove = key.startsWith('Arrow') || key === 'Home' || key === 'End';
  return isMove && target.closest(MOVED) !== null;
}

export function obey(shortcuts: readonly Shortcut[], event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isWanted(event)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const shortcut = shortcuts.find(({ keys }) => keys.includes(key));
  if (shortcut === undefined) return;
  event.preventDefault();
  shortcut.run(event);
}
