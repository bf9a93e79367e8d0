/**
 * A run as data: how it begins, and what was done to it after which event. A link carries the actions
 * as text that people can read and nothing misreads:
 * `70.put.a.x.1~89.crash.e~120.cut.a.b~150.partition.ab.cde`.
 */
import { type Action, TO_A_SERVER } from './action.ts';

export interface Script {
  readonly seed: number;
  /** How many servers. */
  readonly servers: number;
  /** The scenario whose beginning it shares: disks, timing; null: an empty cluster. */
  readonly scenario: string | null;
  readonly actions: readonly ScriptedAction[];
}

/** The action is event `after + 1`. */
export interface ScriptedAction {
  readonly after: number;
  readonly action: Action;
}

const BETWEEN_ACTIONS = '~';
const BETWEEN_FIELDS = '.';

/** What each action says, in the order in which its text has it. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  put: ['server', 'key', 'value'],
  append: ['server', 'key', 'value'],
  get: ['server', 'key'],
  drop: ['flight'],
  cut: ['from', 'to'],
  restore: ['from', 'to'],
  heal: [],
  ...Object.fromEntries(Object.keys(TO_A_SERVER).map((verb) => [verb, ['server']])),
};

export function actionsToText(actions: readonly ScriptedAction[]): string {
  return actions.map(actionToText).join(BETWEEN_ACTIONS);
}

function actionToText({ after, action }: ScriptedAction): string {
  const values = action as unknown as Readonly<Record<string, unknown>>;
  const fields =
    action.type === 'partition'
      ? action.groups.map((group) => group.join(''))
      : FIELDS[action.type]!.map((name) => String(values[name]));
  return [String(after), action.type, ...fields.map(escaped)].join(BETWEEN_FIELDS);
}

/** One text for each action, not yet read. */
export function splitActions(text: string): readonly string[] {
  return text === '' ? [] : text.split(BETWEEN_ACTIONS);
}

/** Null when it is no action; whether the cluster allows it is another question. */
export function textToAction(text: string): ScriptedAction | null {
  const [after, type = '', ...rest] = text.split(BETWEEN_FIELDS);
  const number = wholeNumberIn(after);
  const fields = rest.map(unescaped);
  if (number === null || !fields.every((field) => field !== null)) return null;
  const action = actionOf(type, fields);
  return action === null ? null : { after: number, action };
}

function actionOf(type: string, fields: readonly string[]): Action | null {
  if (type === 'partition') return { type, groups: fields.map((group) => [...group]) };
  const names = Object.hasOwn(FIELDS, type) ? FIELDS[type]! : null;
  if (names?.length !== fields.length) return null;
  const flight = type === 'drop' ? wholeNumberIn(fields[0]) : 0;
  if (flight === null) return null;
  if (type === 'drop') return { type, flight };
  return { type, ...Object.fromEntries(names.map((name, at) => [name, fields[at]])) } as Action;
}

/** A whole number as we write it: no sign, no leading zero, at most nine digits. */
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

/** For people to read: unescaped, unless that is impossible or contains invisible characters. */
export function unescapedText(text: string): string {
  const meant = unescaped(text);
  return meant === null || /\p{C}/u.test(meant) ? text : meant;
}
