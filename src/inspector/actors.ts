/** The actors of one server that are there, and the last of those that were. */
import type { ReadableFields, StateValue } from './protocol.ts';

export interface ActorStory {
  readonly name: string;
  readonly parent: string | null;
  /** Its chart's name; '' when it has none. */
  readonly machine: string;
  readonly status: 'active' | 'done' | 'stopped' | 'failed' | 'lost';
  readonly value: StateValue;
  readonly active: readonly string[];
  readonly context: ReadableFields;
}

/** So many that are gone are remembered; a process may start actors without end. */
const GONE_MAX = 60;

export class Actors {
  readonly #stories = new Map<string, ActorStory>();

  get(name: string): ActorStory | undefined {
    return this.#stories.get(name);
  }

  /** As they came; those that came again last. */
  all(): readonly ActorStory[] {
    return [...this.#stories.values()];
  }

  begin(story: ActorStory): void {
    this.#stories.delete(story.name);
    this.#stories.set(story.name, story);
  }

  update(name: string, change: Partial<ActorStory>): ActorStory | undefined {
    const story = this.#stories.get(name);
    if (story === undefined) return undefined;
    const changed = { ...story, ...change };
    this.#stories.set(name, changed);
    if (changed.status !== 'active') this.#forget();
    return changed;
  }

  /** A server that begins anew says who is there. */
  clear(): void {
    this.#stories.clear();
  }

  /** The server is out of reach: whatever was there is no longer known to be. */
  lose(): void {
    for (const story of this.#stories.values()) {
      if (story.status === 'active') this.#stories.set(story.name, { ...story, status: 'lost' });
    }
  }

  #forget(): void {
    const gone = this.all().filter(({ status }) => status !== 'active');
    for (const { name } of gone.slice(0, -GONE_MAX)) this.#stories.delete(name);
  }
}

export interface Branch {
  readonly actor: ActorStory;
  /** The last part of its name. */
  readonly label: string;
  readonly depth: number;
}

/** The actors as a tree written in lines: parents before their children, siblings by name. */
export function branchesOf(actors: readonly ActorStory[]): readonly Branch[] {
  const names = new Set(actors.map(({ name }) => name));
  const children = new Map<string | null, ActorStory[]>();
  for (const actor of [...actors].sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const parent = parentAmong(actor, names);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [actor]);
    else siblings.push(actor);
  }
  const below = (parent: string | null, depth: number): readonly Branch[] =>
    (children.get(parent) ?? []).flatMap((actor) => [
      { actor, depth, label: labelOf(actor) },
      ...below(actor.name, depth + 1),
    ]);
  return below(null, 0);
}

function parentAmong({ name, parent }: ActorStory, names: ReadonlySet<string>): string | null {
  return parent !== null && parent !== name && names.has(parent) ? parent : null;
}

function labelOf({ name, parent }: ActorStory): string {
  return parent !== null && name.startsWith(`${parent}/`) ? name.slice(parent.length + 1) : name;
}
