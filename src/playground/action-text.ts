/**
 * Actions as a link carries them, for people to read and for nothing to misread:
 * `70.put.a.x.1~89.crash.e~120.cut.a.b~150.partition.ab.cde`.
 */
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Action } from './action.ts';
import type { ScriptedAction } from './script.ts';

const ACTIONS = '~';
const FIELDS = '.';

export function actionsToText(actions: readonly ScriptedAction[]): string {
  return actions.map(actionToText).join(ACTIONS);
}

/** One text for each action, not yet read. */
export function splitActions(text: string): readonly string[] {
  return text === '' ? [] : text.split(ACTIONS);
}

function actionToText({ after, action }: ScriptedAction): string {
  return [String(after), action.type, ...fieldsOf(action).map(escaped)].join(FIELDS);
}

function fieldsOf(action: Action): readonly string[] {
  switch (action.type) {
    case 'put':
    case 'append':
      return [action.server, action.key, action.value];
    case 'get':
      return [action.server, action.key];
    case 'drop':
      return [String(action.flight)];
    case 'cut':
    case 'restore':
      return [action.from, action.to];
    case 'partition':
      return action.groups.map((group) => group.join(''));
    case 'heal':
      return [];
    default:
      return [action.server];
  }
}

/** Null when it is no action; whether the action is possible is another question. */
export function textToAction(text: string): ScriptedAction | null {
  const [after, verb, ...rest] = text.split(FIELDS);
  const number = wholeNumberIn(after);
  const fields = rest.map(unescaped);
  if (number === null || verb === undefined || fields.includes(null)) return null;
  const action = actionOf(verb, fields as string[]);
  return action === null ? null : { after: number, action };
}

function actionOf(verb: string, fields: readonly string[]): Action | null {
  const [first = '', second = '', third = ''] = fields;
  const has = (count: number) => fields.length === count;
  switch (verb) {
    case 'put':
    case 'append':
      return has(3) ? { type: verb, server: first, key: second, value: third } : null;
    case 'get':
      return has(2) ? { type: verb, server: first, key: second } : null;
    case 'cut':
    case 'restore':
      return has(2) ? { type: verb, from: first, to: second } : null;
    case 'drop': {
      const flight = wholeNumberIn(first);
      return has(1) && flight !== null ? { type: verb, flight } : null;
    }
    case 'partition':
      return { type: verb, groups: fields.map((group): ServerId[] => [...group]) };
    case 'heal':
      return has(0) ? { type: verb } : null;
    case 'stop':
    case 'crash':
    case 'restart':
    case 'pause':
    case 'resume':
    case 'timeOut':
    case 'takeSnapshot':
      return has(1) ? { type: verb, server: first } : null;
    default:
      return null;
  }
}

/** A whole number as it is written by us: no sign, no leading zero, at most nine digits. */
export function wholeNumberIn(text: string | undefined): number | null {
  return text !== undefined && /^(?:0|[1-9]\d{0,8})$/.test(text) ? Number(text) : null;
}

function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll('.', '%2E').replaceAll('~', '%7E');
}

/** Null when it is not UTF-8, percent-encoded. */
function unescaped(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}

/** For people to read: as it was meant, unless that cannot be read or would not be seen. */
export function unescapedText(text: string): string {
  const meant = unescaped(text);
  return meant === null || /\p{C}/u.test(meant) ? text : meant;
}
