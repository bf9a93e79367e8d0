/** The keys of the whole page. In fields, lists and dialogs keys mean what they mean there. */
import { nextZoom } from '../../pages/statechart-zoom.tsx';
import { moveBy } from './actor-tree.tsx';
import type { Desk } from './desk.ts';

export interface Commands {
  readonly record: () => void;
  readonly open: () => void;
  readonly showToken: (token: string) => void;
}

export function listenToKeys(desk: Desk, commands: Commands): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    const action = actionOf(desk, commands, event);
    if (action === undefined) return;
    event.preventDefault();
    action();
  });
}

function isTyping({ target, key }: KeyboardEvent): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest('dialog') !== null) return true;
  if (target.matches('input[type="range"]')) return key !== ' ' && key.length > 1;
  if (target.matches('input, select, textarea')) return true;
  // The space bar presses a button that has the focus.
  return key === ' ' && target.matches('button, summary, a');
}

function actionOf(
  desk: Desk,
  { record, open }: Commands,
  { key, shiftKey }: KeyboardEvent,
): (() => void) | undefined {
  if (/^[1-9]$/.test(key)) return () => chooseServer(desk, Number(key) - 1);
  const by = shiftKey ? 10 : 1;
  const actions: Readonly<Record<string, () => void>> = {
    ' ': () => desk.toggleTime(),
    ArrowLeft: () => repeat(by, () => desk.step(-1)),
    ArrowRight: () => repeat(by, () => desk.step(1)),
    Home: () => desk.seek(desk.story.span?.fromMs ?? 0),
    End: () => desk.goLive(),
    '[': () => moveBy(desk, -1),
    ']': () => moveBy(desk, 1),
    l: () => desk.show({ tab: 'log' }),
    c: () => desk.show({ tab: 'context' }),
    h: () => desk.show({ showsHeartbeats: !desk.view.showsHeartbeats }),
    z: () => desk.show({ zoom: nextZoom(desk.view.zoom) }),
    '/': () => findText(desk),
    r: record,
    o: open,
    '?': () => desk.show({ isHelpOpen: true }),
  };
  const name = key.length === 1 ? key.toLowerCase() : key;
  return Object.hasOwn(actions, name) ? actions[name] : undefined;
}

function repeat(times: number, action: () => void): void {
  for (let done = 0; done < times; done += 1) action();
}

function chooseServer(desk: Desk, at: number): void {
  const server = desk.story.servers[at];
  if (server !== undefined) desk.choose(server);
}

function findText(desk: Desk): void {
  desk.show({ tab: 'log' });
  queueMicrotask(() => document.getElementById('filter-text')?.focus());
}
