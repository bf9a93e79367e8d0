/**
 * Whether the servers' states are the same (State Machine Safety, Figure 3), asked while they run.
 *
 * Now and then the leader names an index: that of its last entry, which nobody has applied yet, or
 * after which nothing has come. Whoever has applied exactly that much says the digest of its state.
 * What comes of it is told, to people and to the other servers; nothing of the protocol depends on it.
 */
import { memberIds } from '../../machines/rules/configuration.ts';
import type { LogIndex, ServerId } from '../../machines/rules/entries.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import type { Clock } from '../ports/clock.ts';
import type { StateDivergence } from '../ports/server.ts';
import type { StateDigests } from '../ports/transport.ts';
import { reasonOf } from './errors.ts';

export interface StateComparisonOptions {
  readonly id: ServerId;
  readonly clock: Clock;
  readonly everyMs: number;
  readonly state: () => ServerState;
  /** Of the state as it is now. */
  readonly digest: () => string;
  /** Runs the callback when everything through `index`, and nothing more, is applied; perhaps never. */
  readonly atIndex: (index: LogIndex, callback: () => void) => void;
  readonly send: (to: ServerId, told: StateDigests) => void;
  readonly warn: (sentence: string) => void;
}

export class StateComparison {
  readonly #options: StateComparisonOptions;
  /** Of this leader, as far as the servers have answered. */
  #round: StateDigests | null = null;
  #last: StateDigests | null = null;
  #divergence: StateDivergence | null = null;
  #hasFailed = false;

  /** @throws TypeError for an interval that is none */
  constructor(options: StateComparisonOptions) {
    const { everyMs } = options;
    if (!(Number.isFinite(everyMs) && everyMs >= 1)) {
      throw new TypeError(
        `compareStatesEveryMs is a number of milliseconds or null, not ${everyMs}`,
      );
    }
    this.#options = options;
  }

  /** The last one. */
  get last(): StateDigests | null {
    return this.#last;
  }

  /** The last one in which states differed, until all of them have been found equal. */
  get divergence(): StateDivergence | null {
    return this.#divergence;
  }

  start(): void {
    const { clock, everyMs } = this.#options;
    clock.setTimeout(() => {
      this.#look();
      this.start();
    }, everyMs);
  }

  /** Somebody asks, answers, or tells what came of it. */
  receive(from: ServerId, told: StateDigests): void {
    const { index, digests } = told;
    const servers = Object.keys(digests).length;
    if (servers === 0)
      this.#whenThere(index, (own) => this.#options.send(from, { index, digests: own }));
    else if (this.#round?.index === index) this.#gather(digests);
    else if (servers > 1) this.#conclude(told);
  }

  #look(): void {
    const { log, leadership } = this.#options.state();
    const round = this.#round;
    this.#round = null;
    if (leadership === null) return;
    // Who has not answered by now will not.
    if (round !== null && Object.keys(round.digests).length > 1) this.#tell(round);
    const index = log.lastIndex;
    const others = this.#others();
    const isKnown = this.#last?.index === index && others.every((id) => isOf(this.#last, id));
    if (isKnown || others.length === 0) return;
    this.#round = { index, digests: {} };
    for (const id of others) this.#options.send(id, this.#round);
    this.#whenThere(index, (own) => {
      if (this.#round?.index === index) this.#gather(own);
    });
  }

  #gather(digests: StateDigests['digests']): void {
    if (this.#round === null) return;
    this.#round = { ...this.#round, digests: sorted({ ...this.#round.digests, ...digests }) };
    const all = [this.#options.id, ...this.#others()];
    if (!all.every((id) => isOf(this.#round, id))) return;
    const round = this.#round;
    this.#round = null;
    this.#tell(round);
  }

  #tell(round: StateDigests): void {
    for (const id of this.#others()) this.#options.send(id, round);
    this.#conclude(round);
  }

  #conclude(told: StateDigests): void {
    const before = this.#divergence;
    this.#last = told;
    if (areEqual(told)) {
      if (before === null || !Object.keys(before.digests).every((id) => isOf(told, id))) return;
      this.#divergence = null;
      this.#options.warn(`The states of the servers are equal again, as of entry ${told.index}.`);
      return;
    }
    this.#divergence = divergenceOf(told);
    if (before === null || partition(before) !== partition(told)) {
      this.#options.warn(differ(told));
    }
  }

  #others(): readonly ServerId[] {
    const { id: own, state } = this.#options;
    return memberIds(state().log.configuration).filter((id) => id !== own);
  }

  #whenThere(index: LogIndex, use: (own: StateDigests['digests']) => void): void {
    const { id, atIndex, digest, warn } = this.#options;
    atIndex(index, () => {
      let own: string;
      try {
        own = digest();
      } catch (error) {
        if (!this.#hasFailed)
          warn(`The state of server ${id} is not compared: ${reasonOf(error)}.`);
        this.#hasFailed = true;
        return;
      }
      use({ [id]: own });
    });
  }
}

function sorted(digests: StateDigests['digests']): StateDigests['digests'] {
  return Object.fromEntries(Object.entries(digests).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isOf(told: StateDigests | null, id: ServerId): boolean {
  return told !== null && Object.hasOwn(told.digests, id);
}

function areEqual({ digests }: StateDigests): boolean {
  return new Set(Object.values(digests)).size <= 1;
}

/** With those whose state is another than that of most; nobody's is, where no state is that of most. */
function divergenceOf(told: StateDigests): StateDivergence {
  const groups = [...groupsOf(told).values()];
  const servers = groups.flat();
  const most = groups.find((ids) => ids.length * 2 > servers.length) ?? servers;
  return { ...told, outvoted: servers.filter((id) => !most.includes(id)) };
}

function groupsOf({ digests }: Pick<StateDigests, 'digests'>): Map<string, readonly ServerId[]> {
  const groups = new Map<string, readonly ServerId[]>();
  for (const [id, digest] of Object.entries(sorted(digests)))
    groups.set(digest, [...(groups.get(digest) ?? []), id]);
  return groups;
}

/** Who has the same state as whom. */
function partition(told: StateDigests): string {
  return [...groupsOf(told).values()].map((ids) => ids.join()).join(' ');
}

function differ(told: StateDigests): string {
  const groups = [...groupsOf(told)].map(
    ([digest, ids]) => `${ids.join(' and ')} ${ids.length === 1 ? 'has' : 'have'} ${digest}`,
  );
  return (
    `The states of the servers differ as of entry ${told.index}: ${groups.join(', ')}. Their state ` +
    'machine is not deterministic, or not the same everywhere. See "States that differ" in ' +
    'docs/operations.md.'
  );
}
