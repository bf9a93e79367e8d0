/** Scenarios: how a cluster begins, and what is then done, waited for, said and checked. */
import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Role } from '../../../machines/server.ts';
import type { FeedFact, FeedFactOf, Kind } from '../../feed/feed-fact.ts';
import type { Action } from '../action.ts';
import type { ClientCall, Flight, Frame, ServerFrame, Timer } from '../frame.ts';
import type { Recording } from '../recording.ts';
import type { Beginning } from '../world.ts';

export interface Scenario {
  /** As a link names it. */
  readonly id: string;
  readonly title: string;
  /** What it is about, in a sentence or two. */
  readonly about: string;
  readonly begin: Beginning;
  /** @throws Error when the run is not as the scenario says. */
  play(run: ScenarioRun): Promise<void>;
}

/** What is said at an event. */
export interface Caption {
  /** The event's number. */
  readonly at: number;
  readonly title: string;
  readonly text: string;
  /** Whom to look at, where it speaks of one. */
  readonly server?: ServerId;
}

/** What a scenario may check of a server. */
export interface ServerCheck {
  readonly role?: Role;
  readonly term?: number;
  readonly vote?: ServerId | null;
  /** The terms of its entries, as the paper's figures draw logs: `1 1 2`. */
  readonly log?: string;
  readonly commitIndex?: number;
  /** What its state machine has at these keys; null: nothing. */
  readonly values?: Readonly<Record<string, string | null>>;
}

/** No scenario waits that long: the longest has a tenth of these events. */
const EVENTS_MAX = 5_000;

export class ScenarioRun {
  readonly captions: Caption[] = [];
  /** Everything up to the present event, oldest first. */
  readonly facts: FeedFact[] = [];
  readonly #scenario: string;
  readonly #recording: Recording;

  constructor(scenario: string, recording: Recording) {
    this.#scenario = scenario;
    this.#recording = recording;
  }

  /** As it is after the present event. */
  get frame(): Frame {
    return this.#recording.last;
  }

  get servers(): readonly ServerFrame[] {
    return this.frame.servers;
  }

  server(id: ServerId): ServerFrame {
    return found(`server ${id}`, this.servers, (server) => server.id === id);
  }

  /** Running leaders, of the newest term first. */
  get leaders(): readonly ServerFrame[] {
    return this.servers
      .filter(({ condition, role }) => condition === 'running' && role === 'leader')
      .toSorted((a, b) => b.currentTerm - a.currentTerm);
  }

  /** @throws TypeError when there is none */
  get leader(): ServerFrame {
    return found('leader', this.leaders);
  }

  /** The terms of its entries, as the paper's figures draw logs: `1 1 2`. */
  log(id: ServerId): string {
    return termsOf(this.server(id));
  }

  commitIndex(id: ServerId): number {
    return this.server(id).state?.commitIndex ?? 0;
  }

  /** Who has granted it a vote, or said that they would. */
  votes(id: ServerId): readonly ServerId[] {
    return [...(this.server(id).state?.campaign?.votes ?? [])].sort();
  }

  /** The followers that the leader knows to have stored the entry at that index. */
  holders(leader: ServerId, index: number): readonly ServerId[] {
    const { followers } = this.server(leader);
    return serverIdsOf(followers.filter(({ matchIndex }) => matchIndex === index));
  }

  call(number: number): ClientCall {
    return found(`call ${number}`, this.frame.calls, (call) => call.number === number);
  }

  /** The messages on their way that carry an entry at that index. */
  carriers(index: number): readonly Flight[] {
    return this.frame.flights.filter(({ message }) => {
      return (
        message.type === 'AppendEntries' && message.entries.some((each) => each.index === index)
      );
    });
  }

  /**
   * The delay of its server machine that ends first: while it does not lead, its election timer. When
   * a candidate asks again decides nothing.
   */
  timer(id: ServerId): Timer {
    const timers = this.server(id).timers.filter(
      ({ actor, delay }) => actor === 'server' && delay !== 'retryInterval',
    );
    return found(
      `timer of ${id}`,
      timers.toSorted((a, b) => a.dueAtMs - b.dueAtMs),
    );
  }

  /** Whether everybody that runs has applied the leader's whole log. */
  isSettled = (): boolean => {
    const [leader] = this.leaders;
    if (leader === undefined) return false;
    return this.servers.every((server) => {
      const isEqual =
        server.appliedIndex === leader.log.lastIndex && termsOf(server) === termsOf(leader);
      return server.condition !== 'running' || isEqual;
    });
  };

  /** Whether somebody leads, and has committed an entry of its own term. */
  isLed = (): boolean => {
    const [leader] = this.leaders;
    if (leader === undefined) return false;
    return leader.log.termAt(this.commitIndex(leader.id)) === leader.currentTerm;
  };

  /** The newest of that kind; null when there was none. */
  last<K extends Kind>(
    kind: K,
    isIt: (fact: FeedFactOf<K>) => boolean = () => true,
  ): FeedFactOf<K> | null {
    const all = this.facts.filter((each): each is FeedFactOf<K> => each.kind === kind);
    return all.findLast(isIt) ?? null;
  }

  /** Who has ever asked for votes, or whether there would be any. */
  get campaigners(): readonly ServerId[] {
    const asked = this.facts.filter(({ kind }) => kind === 'askedForPreVotes');
    return [...new Set(asked.flatMap(({ server }) => server ?? []))].sort();
  }

  /** Lets event follow event until that is so; `what` names it should it never come. */
  async until(what: string, isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      const next = await this.#recording.advance();
      if (next === null || next.violation !== null || next.number > EVENTS_MAX) {
        throw this.#failure(`there was still no “${what}”`);
      }
      this.facts.push(...next.facts);
    }
  }

  async perform(...actions: readonly Action[]): Promise<void> {
    for (const action of actions) {
      const acted = await this.#recording.act(this.frame.number, action);
      if ('problem' in acted) throw this.#failure(acted.problem);
      this.facts.push(...acted.frame.facts);
    }
  }

  /** The caption of the present event: its title, whom to look at, and then its text. */
  say(title: string, server?: ServerId) {
    const { number: at } = this.frame;
    if (at === this.captions.at(-1)?.at) throw this.#failure(`“${title}” is the second caption`);
    return (strings: TemplateStringsArray, ...values: readonly (string | number)[]): void => {
      const text = String.raw({ raw: strings }, ...values).trim();
      this.captions.push({ at, title, text: wrapped(text), ...(server && { server }) });
    };
  }

  /** @throws Error when they differ */
  expect<Value extends string | number | boolean | null>(
    what: string,
    is: Value,
    shouldBe: Value,
  ): void {
    if (is === shouldBe) return;
    throw new Error(`The scenario says that ${what} is ${shouldBe}, and it is ${is}`);
  }

  /** @throws Error when one of these is otherwise */
  expectServer(id: ServerId, { values = {}, ...fields }: ServerCheck): void {
    const server = this.server(id);
    const is = {
      role: server.role,
      term: server.currentTerm,
      vote: server.votedFor,
      log: termsOf(server),
      commitIndex: this.commitIndex(id),
    };
    for (const [name, shouldBe] of Object.entries(fields)) {
      this.expect(`the ${name} of ${id}`, is[name as keyof typeof is], shouldBe);
    }
    for (const [key, value] of Object.entries(values)) {
      const pair = server.pairs.find((each) => each.key === key);
      this.expect(`the value of ${key} at ${id}`, pair?.value ?? null, value);
    }
  }

  /** All hold this log, all of it committed, and these values; one leads, the others follow it. */
  expectAgreement(
    leader: ServerId,
    { term, log, values = {} }: Required<Pick<ServerCheck, 'term' | 'log'>> & ServerCheck,
  ): void {
    for (const { id, log: own } of this.servers) {
      const role = id === leader ? 'leader' : 'follower';
      this.expectServer(id, { role, term, log, commitIndex: own.lastIndex, values });
    }
  }

  /** `applied`, or the outcome and its reason: `refused not-leader`. */
  expectOutcome(callNumber: number, shouldBe: string): void {
    const { outcome } = this.call(callNumber);
    const reason = outcome !== null && 'reason' in outcome ? ` ${outcome.reason}` : '';
    this.expect(
      `the outcome of call ${callNumber}`,
      `${outcome?.outcome ?? 'pending'}${reason}`,
      shouldBe,
    );
  }

  /** Why that server last refused its vote to the other: `log-behind: 2/t2, candidate 1/t1`. */
  expectRefusal(voter: ServerId, candidate: ServerId, because: string): void {
    const refused = this.last('refusedVote', ({ server, to }) => {
      return server === voter && to === candidate;
    });
    this.expect(`why ${voter} refused ${candidate}`, refused && refusalOf(refused), because);
  }

  #failure(what: string): Error {
    const { number, atMs, violation } = this.frame;
    const end = violation === null ? '' : `; the run had ended: ${violation.sentence}`;
    return new Error(
      `The scenario “${this.#scenario}” cannot go on: at event ${number} (${atMs} ms) ${what}${end}`,
    );
  }
}

function found<Item>(
  what: string,
  items: readonly Item[],
  isIt: (item: Item) => boolean = () => true,
): Item {
  const item = items.find(isIt);
  if (item !== undefined) return item;
  throw new TypeError(`There is no ${what}`);
}

function termsOf({ log }: ServerFrame): string {
  return log
    .slice(log.firstIndex)
    .map(({ term }) => term)
    .join(' ');
}

function refusalOf({ refusal }: FeedFactOf<'refusedVote'>): string {
  if (refusal.reason !== 'log-behind') return refusal.reason;
  const { own, candidate } = refusal;
  return `log-behind: ${own.index}/t${own.term}, candidate ${candidate.index}/t${candidate.term}`;
}

/** In one line; where it is broken, it is not broken within `x = 1`. */
function wrapped(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll(/\b(\w) = (\w)\b/g, '$1\u00a0=\u00a0$2');
}

export function serverIdsOf(servers: readonly { readonly id: ServerId }[]): readonly ServerId[] {
  return servers.map(({ id }) => id);
}

const LIST = new Intl.ListFormat('en-GB');

/** `a`, `a and b`, `a, b and c`. */
export function inWords(ids: readonly ServerId[]): string {
  return LIST.format(ids);
}
