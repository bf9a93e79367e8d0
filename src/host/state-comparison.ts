/**
 * Whether the servers' states are the same (State Machine Safety, Figure 3), asked while they run.
 *
 * Now and then the leader names an index: that of its last entry, which no server has applied yet, or
 * after which nothing has come. Each server that has applied exactly that much sends the digest of its
 * state. The result goes to people and to the other servers; nothing of the protocol depends on it.
 */
import { memberIds } from '../../machines/rules/configuration.ts';
import type { LogIndex, ServerId } from '../../machines/rules/entries.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { DIGESTS_MAX, shortDigest } from '../formats/digest.ts';
import type { Clock } from '../ports/clock.ts';
import type { StateDivergence } from '../ports/server.ts';
import type { StateDigests, Transport } from '../ports/transport.ts';
import { reasonOf } from './errors.ts';
import type { HostOptions } from './host-options.ts';
import type { Requests } from './requests.ts';

/** A server does nothing else while it makes its digest, so it does that in one part of so many. */
const REST_PER_DIGEST = 200;
/** Milliseconds: longer than this delays heartbeats and elections. */
const DIGEST_MS_MAX = 50;

export interface StateComparisonOptions {
  readonly id: ServerId;
  /** Also tells how long a digest took: nothing, where time is virtual. */
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

type Surroundings = Pick<StateComparisonOptions, 'clock' | 'state' | 'warn'> & {
  readonly transmit: (send: (transport: Transport) => void) => void;
};

/** Null where states are not compared: nobody wants it, or the state machine or transport cannot. */
export function comparisonOf(
  { id, transport, compareStatesEveryMs: everyMs = 10_000 }: HostOptions,
  { stateMachine, applier }: Requests,
  { transmit, ...rest }: Surroundings,
): StateComparison | null {
  const isPossible = stateMachine.digest && transport.digests$ && transport.sendDigests;
  if (everyMs === null || !isPossible) return null;
  return new StateComparison({
    ...{ id, everyMs, ...rest },
    digest: () => shortDigest(stateMachine.digest?.() ?? ''),
    atIndex: (index, callback) => applier.atIndex(index, callback),
    send: (to, told) => transmit((there) => there.sendDigests?.(to, told)),
  });
}

interface Round {
  readonly index: LogIndex;
  readonly digests: Map<ServerId, string>;
}

export class StateComparison {
  readonly #options: StateComparisonOptions;
  /** The leader's, as far as the servers have answered. */
  #round: Round | null = null;
  #last: StateDigests | null = null;
  #divergence: StateDivergence | null = null;
  #hasFailed = false;
  #answersFrom = Number.NEGATIVE_INFINITY;
  #restsUntil = Number.NEGATIVE_INFINITY;
  /** How long the digest before took, if that was too long. */
  #tooLongMs: number | null = null;

  /** @throws TypeError for an interval that is not a number of milliseconds */
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

  /** The last one in which states differed, until those of a majority were found equal, and no other. */
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

  /** The leader asks or tells the result, or a server answers this leader; all else is ignored. */
  receive(from: ServerId, told: StateDigests): void {
    const { leadership, heardLeader } = this.#options.state();
    const { index, digests } = told;
    if (leadership !== null) {
      if (this.#round?.index === index) this.#gather(from, digests);
    } else if (from === heardLeader) {
      if (Object.keys(digests).length === 0) this.#answer(from, index);
      else if (index >= (this.#last?.index ?? 0)) this.#conclude(told);
    }
  }

  #answer(leader: ServerId, index: LogIndex): void {
    const { id, clock, everyMs, send } = this.#options;
    if (clock.now() < this.#answersFrom) return;
    this.#answersFrom = clock.now() + everyMs / 2;
    this.#whenThere(index, (own) => send(leader, { index, digests: { [id]: own } }));
  }

  #look(): void {
    const { id, clock, send, state } = this.#options;
    const { log, leadership } = state();
    const round = this.#round;
    this.#round = null;
    if (leadership === null) return;
    // A server that has not answered by now will not.
    if (round !== null && round.digests.size > 1) this.#tell(round);
    const index = log.lastIndex;
    const others = this.#others();
    const isKnown = this.#last?.index === index && others.every((id) => isOf(this.#last, id));
    if (isKnown || others.length === 0 || clock.now() < this.#restsUntil) return;
    this.#round = { index, digests: new Map() };
    for (const other of others) send(other, { index, digests: {} });
    this.#whenThere(index, (own) => {
      if (this.#round?.index === index) this.#gather(id, { [id]: own });
    });
  }

  /** The first digest of each server counts, and only of its own state. */
  #gather(from: ServerId, { [from]: digest }: StateDigests['digests']): void {
    const round = this.#round;
    const all = [this.#options.id, ...this.#others()];
    if (round === null || typeof digest !== 'string' || !all.includes(from)) return;
    if (round.digests.has(from)) return;
    round.digests.set(from, digest);
    if (!all.every((id) => round.digests.has(id))) return;
    this.#round = null;
    this.#tell(round);
  }

  #tell(round: Round): void {
    const told = { index: round.index, digests: Object.fromEntries(round.digests) };
    for (const id of this.#others()) this.#options.send(id, told);
    this.#conclude(told);
  }

  #conclude({ index, digests }: StateDigests): void {
    const members = this.#members();
    const compared = members.filter((id) => Object.hasOwn(digests, id));
    if (compared.length < 2) return;
    const told = {
      index,
      digests: Object.fromEntries(compared.map((id) => [id, digests[id] ?? ''])),
    };
    const before = this.#divergence;
    this.#last = told;
    if (areEqual(told)) {
      if (before === null || compared.length * 2 <= members.length) return;
      this.#divergence = null;
      this.#options.warn(equalAgain(index, compared));
      return;
    }
    this.#divergence = divergenceOf(told);
    if (before === null || partition(before) !== partition(told)) {
      this.#options.warn(differ(told));
    }
  }

  #members(): readonly ServerId[] {
    return memberIds(this.#options.state().log.configuration);
  }

  /** The servers that this one compares with: no more than a frame can name. */
  #others(): readonly ServerId[] {
    return this.#members()
      .filter((id) => id !== this.#options.id)
      .slice(0, DIGESTS_MAX - 1);
  }

  #whenThere(index: LogIndex, use: (digest: string) => void): void {
    const { clock, atIndex } = this.#options;
    if (clock.now() < this.#restsUntil) return;
    atIndex(index, () => {
      const startedAt = clock.now();
      const own = this.#digest();
      this.#rest(clock.now() - startedAt);
      if (own !== null) use(own);
    });
  }

  #digest(): string | null {
    const { id, digest, warn } = this.#options;
    try {
      return digest();
    } catch (error) {
      if (!this.#hasFailed) warn(`The state of server ${id} is not compared: ${reasonOf(error)}.`);
      this.#hasFailed = true;
      return null;
    }
  }

  /** For good after two in a row that took too long; a single one may be a pause of the machine. */
  #rest(tookMs: number): void {
    const { id, clock, warn } = this.#options;
    const beforeMs = this.#tooLongMs;
    this.#tooLongMs = tookMs > DIGEST_MS_MAX ? tookMs : null;
    this.#restsUntil = clock.now() + tookMs * REST_PER_DIGEST;
    if (beforeMs === null || this.#tooLongMs === null) return;
    this.#restsUntil = Number.POSITIVE_INFINITY;
    warn(tooSlow(id, beforeMs, tookMs));
  }
}

function isOf(told: StateDigests | null, id: ServerId): boolean {
  return told !== null && Object.hasOwn(told.digests, id);
}

function areEqual({ digests }: StateDigests): boolean {
  return new Set(Object.values(digests)).size <= 1;
}

/** With the servers whose state differs from that of most; none, where no state is that of most. */
function divergenceOf(told: StateDigests): StateDivergence {
  const groups = [...groupsOf(told).values()];
  const servers = groups.flat();
  const most = groups.find((ids) => ids.length * 2 > servers.length) ?? servers;
  return { ...told, outvoted: servers.filter((id) => !most.includes(id)) };
}

function groupsOf({ digests }: Pick<StateDigests, 'digests'>): Map<string, readonly ServerId[]> {
  const groups = new Map<string, readonly ServerId[]>();
  for (const [id, digest] of Object.entries(digests))
    groups.set(digest, [...(groups.get(digest) ?? []), id]);
  return groups;
}

/** Which servers have the same state. */
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

function equalAgain(index: LogIndex, ids: readonly ServerId[]): string {
  return (
    `The states of the servers are equal again, as of entry ${index}: those of ` +
    `${ids.join(' and ')}, a majority, which are all that answered.`
  );
}

function tooSlow(id: ServerId, beforeMs: number, tookMs: number): string {
  const [before, now] = [beforeMs, tookMs].map(Math.round);
  return (
    `The state of server ${id} is no longer compared until it is restarted: its state machine's ` +
    `digest took ${before} ms and then ${now} ms, during which the server did nothing else; ` +
    `${DIGEST_MS_MAX} ms are allowed. Use a state machine that keeps its digest up to date, or set ` +
    'compareStatesEveryMs to null. See "States that differ" in docs/operations.md.'
  );
}
