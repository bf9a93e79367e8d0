/**
 * The transitions of a machine by name, read from `machine.root` itself, and how often each was
 * taken. A name is the state it is declared in, what makes it happen, which of several candidates
 * it is, its guard, and where it leads: `server.follower · RequestVote [mayGrantVote] → …waiting`.
 */
import type { AnyStateMachine, AnyStateNode, AnyTransitionDefinition, EventObject } from 'xstate';

export function nameOf(transition: AnyTransitionDefinition): string {
  const { source, eventType, guard, target } = transition;
  const candidates = candidatesBeside(transition);
  const place = candidates.length === 1 ? '' : ` #${candidates.indexOf(transition) + 1}`;
  const asked = guard === undefined ? '' : ` [${nameOfGuard(guard)}]`;
  const leads = target === undefined ? '' : ` → ${target.map(({ id }) => id).join(' ')}`;
  return `${source.id} · ${triggerOf(source, eventType)}${place}${asked}${leads}`;
}

/** All transitions for the same event in the same state, in the order in which they are tried. */
function candidatesBeside({ source, eventType }: AnyTransitionDefinition) {
  return (eventType === '' ? source.always : source.transitions.get(eventType)) ?? [];
}

function triggerOf(source: AnyStateNode, eventType: string): string {
  if (eventType === '') return 'always';
  const delayed = source.after.find((after) => after.eventType === eventType);
  return delayed === undefined ? eventType : `after ${String(delayed.delay)}`;
}

function nameOfGuard(guard: unknown): string {
  return typeof guard === 'string' ? guard : String((guard as { type?: unknown }).type);
}

/** Every transition of the machine, the outermost states first. */
export function definitionsOf(machine: AnyStateMachine): readonly AnyTransitionDefinition[] {
  const within = (node: AnyStateNode): AnyTransitionDefinition[] => [
    ...[...node.transitions.values(), node.always ?? []].flat(),
    ...Object.values(node.states).flatMap(within),
  ];
  return within(machine.root);
}

export function transitionsOf(machine: AnyStateMachine): readonly string[] {
  return definitionsOf(machine).map(nameOf);
}

export interface WalkedPath {
  readonly input: unknown;
  readonly events: readonly EventObject[];
}

/** How often each transition of one machine was taken. */
export class Coverage {
  readonly name: string;
  readonly #times: Map<string, number>;
  readonly #firstPaths = new Map<string, WalkedPath>();

  constructor(name: string, machine: AnyStateMachine) {
    this.name = name;
    this.#times = new Map(transitionsOf(machine).map((transition) => [transition, 0]));
  }

  note(taken: readonly string[], path: WalkedPath): void {
    for (const transition of taken) {
      if (!this.#firstPaths.has(transition)) this.#firstPaths.set(transition, path);
      this.#times.set(transition, (this.#times.get(transition) ?? 0) + 1);
    }
  }

  /** Each transition that was taken, with the first path that took it. */
  get firstPaths(): ReadonlyMap<string, WalkedPath> {
    return this.#firstPaths;
  }

  /** What no path has taken. */
  get untaken(): readonly string[] {
    return [...this.#times].filter(([, times]) => times === 0).map(([transition]) => transition);
  }

  /** `times · machine · transition`, a line each. */
  report(): string {
    const width = Math.max(...[...this.#times.values()].map((times) => String(times).length));
    return [...this.#times]
      .map(([name, times]) => `${String(times).padStart(width)} × ${this.name} · ${name}`)
      .join('\n');
  }
}
