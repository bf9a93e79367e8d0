/**
 * What clients ask of this server (§8), and the state machine that they ask: commands on their way
 * into the log and to their results, queries, sessions, and what is applied.
 */
import { type LogIndex, NO_BYTES, type Proposal } from '../../machines/rules/entries.ts';
import { decodeOwner, encodeOwner, OWNER_BYTES_MAX } from '../../machines/rules/sessions.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import type { HostEvent } from '../../machines/vocabulary.ts';
import { plainData } from '../formats/plain-data.ts';
import type { Outcome, SessionCommand } from '../ports/outcome.ts';
import type {
  CallOptions,
  OpenedSession,
  OpenSessionOptions,
  ProposeOptions,
  QueryOptions,
} from '../ports/server.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import type { Stored } from '../ports/storage.ts';
import { misuseOfTimeout } from '../session/timeout.ts';
import { Applier } from './applier.ts';
import { Calls, refusal } from './calls.ts';
import { Commands } from './commands.ts';
import type {
  DirectProposeOptions,
  DirectQueryOptions,
  QueryCallbacks,
  Settle,
} from './direct-calls.ts';
import type { HostOptions, Turns } from './host-options.ts';
import { Queries } from './queries.ts';
import { Quota } from './quota.ts';
import { SessionTable } from './session-table.ts';

const TIMEOUT_MS = 10_000;

export interface RequestsOptions extends HostOptions {
  readonly defer: (callback: () => void) => void;
  readonly turns: Turns;
  readonly state: () => ServerState;
  readonly send: (event: HostEvent) => void;
  readonly onApplied: (index: LogIndex) => void;
  readonly onFailed: (error: unknown) => void;
}

export class Requests {
  readonly stateMachine: StateMachine;
  readonly sessions: SessionTable;
  readonly commands: Commands;
  readonly quota: Quota;
  readonly calls: Calls;
  readonly queries: Queries;
  readonly applier: Applier;
  readonly #options: RequestsOptions;
  #isAccepting = true;
  #isStopped = false;

  constructor(options: RequestsOptions, { base }: Stored) {
    const { id, parameters, clock, state, send, observer, storedBytesMax = null } = options;
    this.#options = options;
    const stateMachine = options.stateMachine();
    this.stateMachine = stateMachine;
    const sessions = new SessionTable(base.settings);
    this.sessions = sessions;
    this.quota = new Quota({
      storedBytesMax,
      stateMachine,
      unappliedBytes: () => {
        const { log, lastApplied } = state();
        return log.bytesBetween(lastApplied, log.lastIndex);
      },
      isAnswered: (session, sequence) => sessions.answerTo(session, sequence) !== null,
    });
    this.commands = new Commands({
      id,
      stateMachine,
      commands: stateMachine.commands ?? plainData(),
      results: stateMachine.results ?? plainData('result'),
      onRefused: (error) => observer?.onCommandFailed?.(error),
    });
    this.calls = new Calls({
      ...options,
      propose: (batch, proposals) =>
        send({ type: 'client.proposed', batch, now: clock.now(), proposals }),
      outcomeWaitMs: parameters.timing.electionTimeoutMaxMs,
    });
    this.queries = new Queries({
      ...options,
      ask: (read) => send({ type: 'client.queried', reads: [read] }),
      whenApplied: (index, callback) => this.applier.whenApplied(index, callback),
    });
    this.applier = new Applier({
      ...options,
      commands: this.commands,
      sessions,
      calls: this.calls,
      leader: () => state().heardLeader,
    });
  }

  propose(command: unknown, options: ProposeOptions): Promise<Outcome<unknown>> {
    try {
      const bytes = this.commands.encode(command);
      const growth = this.quota.growthOf(() => command);
      const full = this.#fullFor(growth, options.session);
      if (full !== null) return Promise.resolve(full);
      return this.#call({ type: 'command', bytes, ...options.session }, options, growth);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** As `propose`, of a command that its codec has encoded before; nothing of it is checked here. */
  proposeEncoded(bytes: Uint8Array, options: DirectProposeOptions, settle: Settle): void {
    const { timeoutMs, session } = options;
    const growth = this.quota.growthOf(() => this.commands.decode(bytes));
    const proposal: Proposal = { type: 'command', bytes, ...session };
    const refused = this.#fullFor(growth, session) ?? this.#refusalOf(proposal);
    if (refused === null) this.calls.start(proposal, timeoutMs, this.quota.until(growth, settle));
    else settle(refused);
  }

  /** Only a leader refuses what would be too much; the others say who leads. */
  #fullFor(growth: number, session: SessionCommand | undefined): Outcome<never> | null {
    const { heardLeader, leadership } = this.#options.state();
    const why = leadership && this.quota.refusal(growth, session);
    return why === null ? null : refusal('quota-exceeded', heardLeader, why);
  }

  /** @throws TypeError for an owner that is not a valid name */
  openSession(options: OpenSessionOptions): Promise<Outcome<OpenedSession>> {
    return this.#call({ type: 'openSession', bytes: bytesOfOwner(options.owner) }, options);
  }

  closeSession(session: LogIndex, options: CallOptions): Promise<Outcome<null>> {
    return this.#call({ type: 'closeSession', bytes: NO_BYTES, session }, options);
  }

  #call<T>(proposal: Proposal, options: CallOptions, growth = 0): Promise<Outcome<T>> {
    const { timeoutMs = TIMEOUT_MS, signal } = options;
    const misuse = misuseOfTimeout(timeoutMs);
    if (misuse !== null) return Promise.reject(misuse);
    const refused = this.#refusalOf(proposal);
    if (refused !== null) return Promise.resolve(refused);
    return new Promise((resolve) => {
      const settle = this.quota.until(growth, resolve as Settle);
      this.calls.start(proposal, timeoutMs, settle, signal);
    });
  }

  #refusalOf({ bytes }: Proposal): Outcome<never> | null {
    if (!this.#isAccepting) return this.#stopped();
    const { heardLeader, parameters } = this.#options.state();
    return bytes.byteLength > parameters.commandBytesMax ? refusal('too-large', heardLeader) : null;
  }

  query(query: unknown, options: QueryOptions): Promise<Outcome<unknown>> {
    return this.#read(() => this.stateMachine.query(query), options);
  }

  /** A server that knows the session answers at once: its owner never changes. */
  sessionOwner(session: LogIndex, options: CallOptions): Promise<Outcome<string | null>> {
    const consistency = this.sessions.ownerOf(session) === undefined ? 'linearizable' : 'stale';
    const owner = () => this.sessions.ownerOf(session) ?? null;
    return this.#read(owner, { ...options, consistency });
  }

  #read<T>(read: () => T, options: QueryOptions): Promise<Outcome<T>> {
    const { consistency = 'linearizable', timeoutMs = TIMEOUT_MS, signal } = options;
    const misuse = misuseOfTimeout(timeoutMs) ?? misuseOfConsistency(consistency);
    if (misuse !== null) return Promise.reject(misuse);
    if (!this.#isAccepting) return Promise.resolve(this.#stopped());
    return this.queries[consistency](this.#evaluating(read), { timeoutMs, signal });
  }

  /** As `query`. */
  queryDirectly(query: unknown, options: DirectQueryOptions, calls: QueryCallbacks): void {
    const { consistency, timeoutMs } = options;
    const evaluate = this.#evaluating(() => this.stateMachine.query(query));
    if (!this.#isAccepting) calls.settle(this.#stopped());
    else this.queries.start(evaluate, consistency, { timeoutMs }, calls.settle, calls.fail);
  }

  #evaluating<T>(read: () => T): () => Outcome<T> {
    return () => {
      const { index, term } = this.applier.last;
      return { outcome: 'applied', result: read(), index, term };
    };
  }

  /** A server that has stopped hears from no leader. */
  #stopped(): Outcome<never> {
    return refusal('stopped', this.#isStopped ? null : this.#options.state().heardLeader);
  }

  get isAccepting(): boolean {
    return this.#isAccepting;
  }

  /** What comes from here on is refused; what is pending may still settle. */
  stopAccepting(): void {
    this.#isAccepting = false;
  }

  /** Settles all that is pending; nothing more is applied. */
  stop(): void {
    this.#isAccepting = false;
    this.#isStopped = true;
    this.calls.stop();
    this.queries.stop();
    this.applier.stop();
  }
}

/** @throws TypeError for an owner that is not a valid name */
export function bytesOfOwner(owner = ''): Uint8Array {
  const bytes = encodeOwner(owner);
  if (bytes.byteLength <= OWNER_BYTES_MAX && decodeOwner(bytes) === owner) return bytes;
  throw new TypeError(`An owner is a well-formed string of at most ${OWNER_BYTES_MAX} bytes`);
}

function misuseOfConsistency(consistency: string): TypeError | null {
  if (consistency === 'linearizable' || consistency === 'stale') return null;
  return new TypeError(`consistency must be 'linearizable' or 'stale', not '${consistency}'`);
}
