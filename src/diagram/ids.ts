/**
 * Names that stay the same from run to run: a state's is its place in the machine, as XState has it
 * unless a state gives itself another id (`server.follower.following`; a dot inside a key is written
 * `\\.`, as in a target); a transition's is made of its
 * source, what triggers it and its position among its rivals (`server.follower/RequestVote/0`,
 * `server.candidate.vote/always/0`, `server.follower.following/after.electionTimeoutMin/0`).
 */
import type { AnyStateNode, AnyTransitionDefinition } from 'xstate';

/** What triggers a transition: an event, a delay that has passed, or nothing at all. */
export type Trigger =
  | { readonly kind: 'event'; readonly name: string }
  | { readonly kind: 'delay'; readonly name: string }
  | { readonly kind: 'always' };

/**
 * The id of a state in charts and pictures: the machine’s id and the keys to it, joined by dots.
 */
export function stateIdOf({ machine, path }: Pick<AnyStateNode, 'machine' | 'path'>): string {
  return [machine.id, ...path.map(escapedKey)].join('.');
}

/** A key with dots is no path: XState's targets write them in this way, too. */
export function escapedKey(key: string): string {
  return key.replaceAll(/[.\\]/g, '\\$&');
}

/** The id of a transition: its source, what triggers it, and its place among its rivals, from 0. */
export function transitionId(source: string, trigger: Trigger, position: number): string {
  return `${source}/${wordOf(trigger)}/${position}`;
}

/**
 * The id of a transition as XState reports it: `@xstate.microstep` events of its inspection carry
 * what was taken in `_transitions`. Null for what no chart shows: the step that starts a machine.
 */
export function transitionIdOf(definition: unknown): string | null {
  if (!isDefinition(definition)) return null;
  const { source, eventType } = definition;
  const isAlways = source.always?.includes(definition) === true;
  const rivals = isAlways ? source.always : source.transitions.get(eventType);
  const position = rivals?.indexOf(definition) ?? -1;
  if (position === -1) return null;
  const trigger: Trigger = isAlways ? { kind: 'always' } : triggerOf(source, eventType);
  return transitionId(stateIdOf(source), trigger, position);
}

/** A definition is the same object for as long as its machine lives. */
const knownIds = new WeakMap<object, string | null>();

/** The ids of transitions as XState reports them, without those that no chart shows. */
export function transitionIdsOf(definitions: readonly unknown[]): readonly string[] {
  const ids: string[] = [];
  for (const definition of definitions as readonly object[]) {
    let id = knownIds.get(definition);
    if (id === undefined) {
      id = transitionIdOf(definition);
      knownIds.set(definition, id);
    }
    if (id !== null) ids.push(id);
  }
  return ids;
}

/** Whether an event's type stands for a delay of that state, and for which. */
export function triggerOf({ after }: AnyStateNode, eventType: string): Trigger {
  const delayed = after.find((each) => each.eventType === eventType);
  if (delayed === undefined) return { kind: 'event', name: eventType };
  return { kind: 'delay', name: String(delayed.delay) };
}

/** The ids of all states that are active, outermost first, for a snapshot's `value`. */
export function activeStateIds(
  machine: { readonly root: AnyStateNode },
  value: unknown,
): readonly string[] {
  const active = (state: AnyStateNode, inside: unknown): string[] => {
    const entries = typeof inside === 'string' ? [[inside, {}] as const] : entriesOf(inside);
    return [
      stateIdOf(state),
      ...entries.flatMap(([key, deeper]) => {
        const child = Object.hasOwn(state.states, key) ? state.states[key] : undefined;
        return child === undefined ? [] : active(child, deeper);
      }),
    ];
  };
  return active(machine.root, value);
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** Events whose own names look like the words for delays and the like are told apart by `on.`. */
function wordOf(trigger: Trigger): string {
  if (trigger.kind === 'always') return 'always';
  if (trigger.kind === 'delay') return `after.${trigger.name}`;
  return /^(?:always$|after\.|on\.)/.test(trigger.name) ? `on.${trigger.name}` : trigger.name;
}

function isDefinition(value: unknown): value is AnyTransitionDefinition {
  if (typeof value !== 'object' || value === null) return false;
  const { source, eventType } = value as Partial<AnyTransitionDefinition>;
  return typeof source === 'object' && source !== null && typeof eventType === 'string';
}
