/** What states, events, guards and actions are called in a picture. */
import type { AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { escapedKey, stateIdOf } from './ids.ts';

/** What stands for a guard or an action that was given as a function without a name. */
export const INLINE = '(inline)';

/** XState's own actions that are part of a chart by what they do: `(raise)`, `(assign)`. */
const BUILT_IN = /^xstate\.(\w+)$/;

/** What functions are called after the place they stand in, or for want of a name. */
const PLACES = ['', 'guard', 'actions', 'entry', 'exit', 'default', 'anonymous'];

export function actionNamesOf(actions: readonly unknown[]): readonly string[] {
  return actions.filter((action) => !keepsTime(action)).map(actionNameOf);
}

/** For each of those names what the action is given, as far as the chart says it. */
export function actionParamsOf(actions: readonly unknown[]): readonly string[] {
  return actions.filter((action) => !keepsTime(action)).map(paramsOf);
}

/** The same for a guard; for combined ones all of it. */
export function guardParamsOf(guard: unknown): string {
  const { guards } = (guard ?? {}) as Partial<Combined>;
  if (!Array.isArray(guards)) return paramsOf(guard);
  return guards.map(guardParamsOf).filter(Boolean).join('; ');
}

/** `amount: 10, unit: "EUR"`; nothing where it is computed. */
function paramsOf(named: unknown): string {
  if (typeof named !== 'object' || named === null) return '';
  const { params } = named as { params?: unknown };
  if (params === undefined || typeof params === 'function') return '';
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    return wordFor(params);
  }
  return Object.entries(params)
    .map(([key, value]) => `${key}: ${wordFor(value)}`)
    .join(', ');
}

/** In a word: the code has all of it. */
function wordFor(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return '[…]';
  if (typeof value === 'function') return ownNameOf(value);
  return typeof value === 'object' && value !== null ? '{…}' : String(value);
}

/** Empty for none; combined guards are written out: `not isOpen`, `(isOpen and isLit)`. */
export function guardNameOf(guard: unknown): string {
  if (guard === undefined || guard === null) return '';
  const name = givenNameOf(guard);
  if (name !== null) return name;
  if (typeof guard !== 'function') return INLINE;
  const { name: operator, guards, stateValue } = guard as Partial<Combined> & { name: string };
  if (operator === 'stateIn' && stateValue !== undefined) return `in ${placeOf(stateValue)}`;
  if (!Array.isArray(guards)) return ownNameOf(guard);
  const names = guards.map(guardNameOf);
  return operator === 'not' ? `not ${names[0]}` : `(${names.join(` ${operator} `)})`;
}

/** What XState's `and`, `or`, `not` and `stateIn` leave on the functions they make. */
interface Combined {
  readonly guards: readonly unknown[];
  readonly stateValue: unknown;
}

function actionNameOf(action: unknown): string {
  const name = givenNameOf(action);
  if (name === null) return ownNameOf(action);
  const [, builtIn] = BUILT_IN.exec(name) ?? [];
  return builtIn === undefined ? name : `(${builtIn})`;
}

/** The name its author gave a function. */
function ownNameOf(code: unknown): string {
  return typeof code !== 'function' || PLACES.includes(code.name) ? INLINE : code.name;
}

function givenNameOf(named: unknown): string | null {
  if (typeof named === 'string') return named;
  const { type } = named as { type?: unknown };
  return typeof type === 'string' ? type : null;
}

function placeOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** XState's own actions, which keep the time of `after`, are no part of the chart. */
function keepsTime(action: unknown): boolean {
  const { id, sendId } = action as { id?: unknown; sendId?: unknown };
  return [id, sendId].some((name) => typeof name === 'string' && name.startsWith('xstate.after.'));
}

export class StateNames {
  readonly #nodes: readonly AnyStateNode[];
  readonly #names: ReadonlyMap<string, string>;

  constructor(root: AnyStateNode) {
    this.#nodes = nodesWithin(root);
    const suffixes = this.#nodes.map(suffixesOf);
    const uses = new Map<string, number>();
    for (const suffix of suffixes.flat()) uses.set(suffix, (uses.get(suffix) ?? 0) + 1);
    const isUnique = (suffix: string) => uses.get(suffix) === 1;
    this.#names = new Map(
      this.#nodes.map((node, at) => {
        const id = stateIdOf(node);
        return [id, suffixes[at]?.find(isUnique) ?? id];
      }),
    );
  }

  /** Its key; where others have the same one, as many of the keys around it as are needed. */
  nameOf(node: AnyStateNode): string {
    const id = stateIdOf(node);
    return this.#names.get(id) ?? id;
  }

  /** The path, from the root on, of what a state names as a target beside it; null if none is. */
  pathBeside({ machine, path }: AnyStateNode, target: string): string | null {
    const [first = '', ...rest] = target.split(/(?<!\\)\./);
    const named = this.#nodes.find(({ id }) => `#${escapedKey(id)}` === first);
    const id =
      named === undefined
        ? `${stateIdOf({ machine, path: path.slice(0, -1) })}.${target}`
        : [stateIdOf(named), ...rest].join('.');
    const found = this.#nodes.find((node) => stateIdOf(node) === id);
    return found === undefined ? null : found.path.map(escapedKey).join('.');
  }
}

function nodesWithin(node: AnyStateNode): readonly AnyStateNode[] {
  return [node, ...Object.values(node.states).flatMap(nodesWithin)];
}

/** `vote`, `candidate.vote`, `server.candidate.vote`. */
function suffixesOf({ machine, path }: AnyStateNode): readonly string[] {
  const keys = [machine.id, ...path];
  return keys.map((_, at) => keys.slice(keys.length - 1 - at).join('.'));
}

/** XState's own names for what an author writes as `route`, `onDone`, `onError` and `onSnapshot`. */
const ROUTE = 'xstate.route';
/** The state's own children are done with this before their ids. */
const ofActors = [
  { prefix: 'xstate.done.actor.', word: 'onDone' },
  { prefix: 'xstate.error.actor.', word: 'onError' },
  { prefix: 'xstate.snapshot.', word: 'onSnapshot' },
];

/** `onDone`, or `onDone load` with the actor's name; any other event by its type. */
export function plainEventName({ id, invoke }: AnyStateNode, type: string): string {
  if (type === `xstate.done.state.${id}`) return 'onDone';
  for (const { prefix, word } of ofActors) {
    const at = invoke.findIndex((each) => type === prefix + each.id);
    if (at !== -1) return `${word} ${invokedNames(invoke)[at]}`;
  }
  return type;
}

/**
 * Actors by their sources' names, and by their own ids where the source is code. Several of one name
 * in a state have their ids, if they were given any, or their numbers behind.
 */
export function invokedNames(invoke: AnyStateNode['invoke']): readonly string[] {
  const names = invoke.map(({ id, src }) => {
    if (typeof src === 'string' && !src.startsWith('xstate.')) return src;
    return isMadeUp(id) ? INLINE : id;
  });
  return names.map((name, at) => {
    if (names.indexOf(name) === names.lastIndexOf(name)) return name;
    const { id = '' } = invoke[at] ?? {};
    return `${name} (${isMadeUp(id) ? at + 1 : id})`;
  });
}

/** `0.machine.state`, where the author gave none. */
function isMadeUp(id: string): boolean {
  return /^\d+\./.test(id);
}

/** `route #settings`, and its author's guard alone; null if it is not a route. */
export function routeOf(
  type: string,
  target: AnyTransitionDefinition['target'],
): { readonly name: string; readonly guard: unknown } | null {
  const { id, route } = target?.[0]?.config ?? {};
  if (type !== ROUTE || route === undefined || typeof id !== 'string') return null;
  return { name: `route #${id}`, guard: route.guard };
}
