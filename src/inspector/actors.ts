/**
 * The actors of one server: those that are there, the last of those that were, and, as far back as
 * its history is kept, who was there when.
 */
import { lowestWhere } from '../pages/lowest-where.ts';
import type { ReadableFields, StateRecord, StateValue } from './protocol.ts';

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

/** When an actor was there, in numbers of its server's history. */
export interface ActorLifetime extends Pick<ListedActor, 'name' | 'parent' | 'machine'> {
  readonly from: number;
  /** How it ended, and with which entry; it is still listed after that. */
  readonly end: { readonly status: ActorStatus; readonly number: number } | null;
  /** From this entry on it is not listed any more. */
  readonly goneAt: number;
}

/** So many that have ended are listed; a process may start actors without end. */
const ENDED_MAX = 60;
/** So many that are not even listed any more are remembered. */
const GONE_MAX = 20_000;

const NOTHING_KNOWN = { parent: null, machine: '', status: 'active', context: {} } as const;

interface Listed {
  actor: ListedActor;
  lifetime: ActorLifetime;
}

export class Actors {
  readonly #listed = new Map<string, Listed>();
  /** In the order in which they went. */
  readonly #gone: ActorLifetime[] = [];

  get(name: string): ListedActor | undefined {
    return this.#listed.get(name)?.actor;
  }

  /** As they came; those that came again last. */
  all(): readonly ListedActor[] {
    return [...this.#listed.values()].map(({ actor }) => actor);
  }

  /** Who was listed right after that entry, as they came. */
  listedAt(number: number): readonly ActorLifetime[] {
    const gone = this.#gone;
    const still = gone.slice(lowestWhere(0, gone.length, (at) => gone[at]!.goneAt > number));
    const all = [...still, ...[...this.#listed.values()].map(({ lifetime }) => lifetime)];
    return all.filter(({ from }) => from <= number).sort((one, other) => one.from - other.from);
  }

  /** The machine of that actor, or of the last one of that name; null if none is known. */
  machineOf(name: string): string | null {
    const gone = () => this.#gone.findLast((lifetime) => lifetime.name === name);
    return (this.get(name) ?? gone())?.machine ?? null;
  }

  begin(actor: ListedActor, number: number): void {
    const { name, parent, machine } = actor;
    this.#leave(name, number);
    const lifetime = { name, parent, machine, from: number, end: null, goneAt: Infinity };
    this.#listed.set(name, { actor, lifetime });
  }

  /** Where it stands now; of an actor that was never listed only that is known. */
  update({ actor: name, value, active, changes }: Omit<StateRecord, 'type'>): ListedActor {
    const listed = this.#listed.get(name);
    const before = listed?.actor ?? { ...NOTHING_KNOWN, name };
    const isSame = Object.keys(changes).length === 0;
    const context = isSame ? before.context : { ...before.context, ...changes };
    const actor = { ...before, value, active, context };
    if (listed !== undefined) listed.actor = actor;
    return actor;
  }

  end(name: string, status: ActorStatus, number: number): ListedActor | undefined {
    const listed = this.#listed.get(name);
    if (listed === undefined) return undefined;
    const { actor, lifetime } = listed;
    listed.actor = { ...actor, status };
    listed.lifetime = { ...lifetime, end: { status, number } };
    this.dismiss(number, ENDED_MAX);
    return actor;
  }

  /** Of the children that have ended only the last so many stay listed. */
  dismiss(number: number, endedMax = 0): void {
    const ended = [...this.#listed.values()].filter(({ lifetime: { end, parent } }) => {
      return end !== null && parent !== null;
    });
    const tooMany = ended.slice(0, Math.max(0, ended.length - endedMax));
    for (const { actor } of tooMany) this.#leave(actor.name, number);
  }

  /** A server that begins anew says who is there. */
  clear(number: number): void {
    for (const name of [...this.#listed.keys()]) this.#leave(name, number);
  }

  /** The server is out of reach: whatever was there is no longer known to be. */
  lose(): void {
    for (const listed of this.#listed.values()) {
      const { actor } = listed;
      if (actor.status === 'active') listed.actor = { ...actor, status: 'lost' };
    }
  }

  /** Entries before this one are no longer kept, so they are not looked at. */
  forgetBefore(number: number): void {
    while ((this.#gone[0]?.goneAt ?? Infinity) <= number || this.#gone.length > GONE_MAX) {
      this.#gone.shift();
    }
  }

  #leave(name: string, number: number): void {
    const lifetime = this.#listed.get(name)?.lifetime;
    this.#listed.delete(name);
    if (lifetime !== undefined && lifetime.from < number) {
      this.#gone.push({ ...lifetime, goneAt: number });
    }
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
    const isChild = actor.parent !== actor.name && names.has(actor.parent ?? '');
    const parent = isChild ? actor.parent : null;
    const siblings = children.get(parent) ?? [];
    siblings.push(actor);
    children.set(parent, siblings);
  }
  const below = (parent: string | null, depth: number): readonly Branch<T>[] =>
    (children.get(parent) ?? []).flatMap((actor) => [
      { actor, depth, label: labelOf(actor) },
      ...below(actor.name, depth + 1),
    ]);
  return below(null, 0);
}

function labelOf({ name, parent }: Named): string {
  return parent !== null && name.startsWith(`${parent}/`) ? name.slice(parent.length + 1) : name;
}
