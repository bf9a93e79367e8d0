/** Events and values in one short line, for a row of the log. */
import { isTree } from '../changes.ts';

const LENGTH_MAX = 120;

const DELAYED = 'xstate.after.';

/** XState's own name for a delay that has passed says also in which state. */
export function eventName(type: string): string {
  return type.startsWith(DELAYED) ? `after ${type.slice(DELAYED.length).split('.')[0]}` : type;
}

/** The same within a transition's id, which says its state anyway. */
export function idName(id: string): string {
  return id.replace(/xstate\.after\.[^\s:[\]#]+/, eventName);
}

export function lineOf(value: Readonly<Record<string, unknown>>): string {
  let line = '';
  for (const [key, part] of Object.entries(value)) {
    if (key === 'type') continue;
    line += `${line === '' ? '' : ' · '}${key} ${brief(part)}`;
    if (line.length > LENGTH_MAX) return `${line.slice(0, LENGTH_MAX)}…`;
  }
  return line;
}

function brief(value: unknown): string {
  if (Array.isArray(value)) return `[${value.length}]`;
  if (!isTree(value)) return String(value);
  const { type, from, to } = value;
  if (typeof type === 'string') {
    return typeof from === 'string' && typeof to === 'string' ? `${type} ${from} → ${to}` : type;
  }
  return `{${Object.keys(value).length}}`;
}
