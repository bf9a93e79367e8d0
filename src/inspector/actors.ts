/**
 * The actors of one server: those that are there, the last of those that were, and, as far back as
 * its moments are kept, who was there when.
 */
import type { ReadableFields, StateValue } from './protocol.ts';

export type ActorStatus = 'active' | 'done' | 'stopped' | 'failed' | 'lost';

export interface ListedActor {
  readonly name: string;
  readonly parent: string | null;
  /** Its chart's name; '' when it has none. */
  readonly machine: string;
  readonly status: ActorStatus;
  readonly value: StateValue;
  readonly active: readonly string[];
  readonly context: ReadableFields;
}

/** When an actor was there, in numbers of its server's moments. */
export interface ActorLifetime extends Pick<ListedActor, 'name' | 'parent' | 'machine'> {
  readonly from: number;
  /** How it ended, and with which moment; it is still listed after that. */
  readonly end: { readonly status: ActorStatus; readonly number: number } | null;
  /** From this moment on it is not listed any more. */
  readonly goneAt: number;
}

/** So many that have ended are listed; a process may start actors without end. */
const ENDED_MAX = 60;
/** So many that are not even listed any more are remembered. */
const GONE_MAX = 20_000;

export class Actors {
  readonly #listed = new Map<string, ListedActor>();
  /** Of those in `#stories`. */
  readonly #lifetimes = new Map<string, ActorLifetime>();
  /** In the order in which they went. */
  readonly #gone: ActorLifetime[] = [];

  get(name: string): ListedActor | undefined {
    return this.#listed.get(name);
  }

  /** As they came; those that came again last. */
  all(): readonly ListedActor[] {
    return [...this.#listed.values()];
  }

  /** Who was listed right after that moment, as they came. */
  listedAt(number: number): readonly ActorLifetime[] {
    const lifetimes: ActorLifetime[] = [];
    for (let at = this.#gone.length - 1; at >= 0; at -= 1) {
      const lifetime = this.#gone[at] as ActorLifetime;
      if (lifetime.goneAt <= number) break;
      lifetimes.push(lifetime);
    }
    lifetimes.push(...this.#lifetimes.values());
    return lifetimes
      .filter(({ from }) => from <= number)
      .sort((one, other) => one.from - other.from);
  }

  /** The machine of that actor, or of the last one of that name; null if none is known. */
  machineOf(name: string): string | null {
    const actor = this.#listed.get(name);
    return (actor ?? this.#gone.findLast((lifetime) => lifetime.name === name))?.machine ?? null;
  }

  begin(actor: ListedActor, number: number): void {
    const { name, parent, machine } = actor;
    this.#leave(name, number);
    this.#listed.set(name, actor);
    this.#lifetimes.set(name, { name, parent, machine, from: number, end: null, goneAt: Infinity });
  }

  update(name: string, change: Partial<Omit<ListedActor, 'status'>>): void {
    const actor = this.#listed.get(name);
    if (actor !== undefined) this.#listed.set(name, { ...actor, ...change });
  }

  end(name: string, status: ActorStatus, number: number): ListedActor | undefined {
    const actor = this.#listed.get(name);
    const lifetime = this.#lifetimes.get(name);
    if (actor === undefined || lifetime === undefined) return undefined;
    this.#listed.set(name, { ...actor, status });
    this.#lifetimes.set(name, { ...lifetime, end: { status, number } });
    this.dismiss(number, ENDED_MAX);
    return actor;
  }

  /** Of the children that have ended only the last so many stay listed. */
  dismiss(number: number, endedMax = 0): void {
    const ended = [...this.#lifetimes.values()].filter(({ end, parent }) => {
      return end !== null && parent !== null;
    });
    for (const { name } of ended.slice(0, Math.max(0, ended.length - endedMax))) {
      this.#leave(name, number);
    }
  }

  /** A server that begins anew says who is there. */
  clear(number: number): void {
    for (const name of [...this.#listed.keys()]) this.#leave(name, number);
  }

  /** The server is out of reach: whatever was there is no longer known to be. */
  lose(): void {
    for (const actor of this.#listed.values()) {
      if (actor.status === 'active') this.#listed.set(actor.name, { ...actor, status: 'lost' });
    }
  }

  /** Moments before this one are no longer kept: nobody looks at them. */
  forgetBefore(number: number): void {
    while ((this.#gone[0]?.goneAt ?? Infinity) <= number || this.#gone.length > GONE_MAX) {
      this.#gone.shift();
    }
  }

  #leave(name: string, number: number): void {
    const lifetime = this.#lifetimes.get(name);
    this.#lifetimes.delete(name);
    this.#listed.delete(name);
    if (lifetime !== undefined && lifetime.from < number)
      this.#gone.push({ ...lifetime, goneAt: number });
  }
}

type Named = Pick<ListedActor, 'name' | 'parent'>;

export interface Branch<T extends Named> {
  readonly actor: T;
  /** The last part of its name. */
  readonly label: string;
  readonly depth: number;
}

/** The actors as a tree written in lines: parents before their children, siblings by name. */
export function branchesOf<T extends Named>(actors: readonly T[]): readonly Branch<T>[] {
  const names = new Set(actors.map(({ name }) => name));
  const children = new Map<string | null, T[]>();
  for (const actor of [...actors].sort((one, other) => (one.name < other.name ? -1 : 1))) {
    const parent = parentAmong(actor, names);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [actor]);
    else siblings.push(actor);
  }
  const below = (parent: string | null, depth: number): readonly Branch<T>[] =>
    (children.get(parent) ?? []).flatMap((actor) => [
      { actor, depth, label: labelOf(actor) },
      ...below(actor.name, depth + 1),
    ]);
  return below(null, 0);
}

function parentAmong({ name, parent }: Named, names: ReadonlySet<string>): string | null {
  return parent !== null && parent !== name && names.has(parent) ? parent : null;
}

function labelOf({ name, parent }: Named): string {
  return parent !== null && name.startsWith(`${parent}/`) ? name.slice(parent.length + 1) : name;
}
