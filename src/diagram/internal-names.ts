/**
 * XState has names of its own for what an author writes as `onDone`, `onError`, `onSnapshot` and
 * `route`: here they are turned back.
 */
import { INLINE } from './names.ts';

/** The part of XState's `InvokeDefinition` that gives an actor its name. */
export interface InvokedLike {
  readonly id: string;
  readonly src: unknown;
}

/** What a state says of being entered by `route`. */
export interface Routed {
  readonly config?:
    | { readonly id?: unknown; readonly route?: { readonly guard?: unknown } | undefined }
    | undefined;
}

interface Hearing {
  readonly id?: string;
  readonly invoke: readonly InvokedLike[];
}

const ROUTE = 'xstate.route';
/** The state's own children are done with this before their ids. */
const ofActors = [
  { prefix: 'xstate.done.actor.', word: 'onDone' },
  { prefix: 'xstate.error.actor.', word: 'onError' },
  { prefix: 'xstate.snapshot.', word: 'onSnapshot' },
];

/** `onDone`, or `onDone load` with the actor's name; any other event by its type. */
export function plainEventName({ id, invoke }: Hearing, type: string): string {
  if (id !== undefined && type === `xstate.done.state.${id}`) return 'onDone';
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
export function invokedNames(invoke: readonly InvokedLike[]): readonly string[] {
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

/** `route #settings`, and its author's guard alone; null for what is none. */
export function routeOf(
  type: string,
  target: readonly Routed[] | undefined,
): { readonly name: string; readonly guard: unknown } | null {
  const { id, route } = target?.[0]?.config ?? {};
  if (type !== ROUTE || route === undefined || typeof id !== 'string') return null;
  return { name: `route #${id}`, guard: route.guard };
}
