/** One running server behind its few verbs: every call settles, `stop` leaves nothing half done. */

import { firstValueFrom, type Observable } from 'rxjs';
import type { InspectionEvent } from 'xstate';
import {
  type LogIndex,
  NO_BYTES,
  type Proposal,
  type ServerId,
} from '../../machines/rules/entries.ts';
import type { Fact } from '../../machines/rules/facts.ts';
import { assertParameters } from '../../machines/rules/parameters.ts';
import { decodeOwner, encodeOwner, OWNER_BYTES_MAX } from '../../machines/rules/sessions.ts';
import type { Metric, Readiness } from '../ports/metrics.ts';
import type { Outcome } from '../ports/outcome.ts';
import type {
  CallOptions,
  OpenedSession,
  OpenSessionOptions,
  ProposeOptions,
  QueryOptions,
  Role,
  Server,
  Session,
  SessionOptions,
  Status,
} from '../ports/server.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import type { Stored } from '../ports/storage.ts';
import type { AnswerTo, Given } from '../ports/typed-calls.ts';
import { misuseOfTimeout } from '../session/timeout.ts';
import { refusal } from './calls.ts';
import { CommandSession, portOf } from './command-session.ts';
import { Engine } from './engine.ts';
import { StartError } from './errors.ts';
import type { HostOptions } from './host-options.ts';
import { metricsOf } from './metrics.ts';
import { readinessOf } from './readiness.ts';
import { statusOf } from './status.ts';

export type { HostObserver, HostOptions } from './host-options.ts';

const TIMEOUT_MS = 10_000;

/**
 * Starts one server.
 * @throws StorageError when the storage is damaged, foreign or in use.
 * @throws StartError when the storage is empty and may not be bootstrapped.
 * @throws TypeError for timing or bounds that cannot work.
 */
export async function startHost<Command, Result, Query, Answer>(
  options: HostOptions<StateMachine<Command, Result, Query, Answer>>,
): Promise<Server<Command, Result, Query, Answer>> {
  assertParameters(options.parameters, options.transport.payloadBytesMax);
  const engine = await loaded(options).catch(async (error) => {
    await options.transport.close();
    throw error;
  });
  await engine.start();
  return new Host<Command, Result, Query, Answer>(options, engine);
}

async function loaded(options: HostOptions): Promise<Engine> {
  return engineOf(options, await loadOrInitialise(options));
}

/** @throws what the state machine's factory throws, or the rules about what is stored. */
async function engineOf(options: HostOptions, stored: Stored): Promise<Engine> {
  try {
    return new Engine(options, stored);
  } catch (error) {
    await options.storage.close();
    throw error;
  }
}

/** What no call can mean; null when all is well. */
function misuseOf(timeoutMs: number, consistency = 'linearizable'): TypeError | null {
  const misuse = misuseOfTimeout(timeoutMs);
  if (misuse !== null) return misuse;
  if (consistency !== 'linearizable' && consistency !== 'stale') {
    return new TypeError(`consistency must be 'linearizable' or 'stale', not '${consistency}'`);
  }
  return null;
}

/** @throws TypeError for what is no owner's name */
function bytesOfOwner(owner: string): Uint8Array {
  const bytes = encodeOwner(owner);
  if (bytes.byteLength <= OWNER_BYTES_MAX && decodeOwner(bytes) === owner) return bytes;
  throw new TypeError(`An owner is a well-formed string of at most ${OWNER_BYTES_MAX} bytes`);
}

type Bootstrap = Pick<HostOptions, 'id' | 'clusterId' | 'base' | 'storage'>;

async function loadOrInitialise({ id, clusterId, base, storage }: Bootstrap): Promise<Stored> {
  const identity = { clusterId, serverId: id };
  const stored = await storage.load(identity);
  if (stored !== null) return stored;
  if (base !== null) return storage.initialise(identity, base);
  await storage.close();
  throw new StartError(
    `Server ${id} has no data, and was not asked to bootstrap. If this is the first start of the ` +
      `whole cluster, start every server with bootstrap. If ${id} has lost its data, do not: it may ` +
      'have voted and acknowledged entries, and would do so a second time. Restore its directory, ' +
      'or replace it by a server of another name.',
  );
}

class Host<Command, Result, Query, Answer> implements Server<Command, Result, Query, Answer> {
  readonly id: ServerId;
  readonly role$: Observable<Role>;
  readonly leader$: Observable<ServerId | null>;
  readonly applied$: Observable<LogIndex>;
  readonly failed$: Observable<Error>;
  readonly inspect$: Observable<InspectionEvent>;
  readonly facts$: Observable<Fact>;
  readonly #options: HostOptions;
  readonly #engine: Engine;
  readonly #startedAt: number;
  #isStopping = false;
  #stop: Promise<void> | null = null;

  constructor(options: HostOptions, engine: Engine) {
    this.id = options.id;
    this.#options = options;
    this.#engine = engine;
    this.#startedAt = engine.clock.now();
    const { role$, leader$, applied$, failed$ } = engine.reports;
    this.role$ = role$.asObservable();
    this.leader$ = leader$.asObservable();
    this.applied$ = applied$.asObservable();
    this.failed$ = failed$.asObservable();
    this.inspect$ = engine.inspect$;
    this.facts$ = engine.facts$;
  }

  propose<Type = string>(
    command: Given<Command, Type>,
    options: ProposeOptions = {},
  ): Promise<Outcome<AnswerTo<Command, Type, Result>>> {
    try {
      const bytes = this.#engine.commands.encode(command);
      const { heardLeader, leadership } = this.#engine.state;
      const full = leadership && this.#engine.quota.refusal(command, options.session);
      if (full !== null) return Promise.resolve(refusal('quota-exceeded', heardLeader, full));
      const outcome = this.#call<AnswerTo<Command, Type, Result>>(
        { type: 'command', bytes, ...options.session },
        options,
      );
      return this.#engine.quota.during(command, outcome);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  session({ owner = '' }: SessionOptions = {}): Session<Command, Result> {
    bytesOfOwner(owner);
    return new CommandSession(portOf(this, this.#engine, this.#options, owner));
  }

  async openSession(options: OpenSessionOptions = {}): Promise<Outcome<OpenedSession>> {
    const { owner = '' } = options;
    return this.#call({ type: 'openSession', bytes: bytesOfOwner(owner) }, options);
  }

  closeSession(session: LogIndex, options: CallOptions = {}): Promise<Outcome<null>> {
    return this.#call({ type: 'closeSession', bytes: NO_BYTES, session }, options);
  }

  #call<T>(proposal: Proposal, options: CallOptions): Promise<Outcome<T>> {
    const { timeoutMs = TIMEOUT_MS, signal } = options;
    const misuse = misuseOf(timeoutMs);
    if (misuse !== null) return Promise.reject(misuse);
    const { heardLeader, parameters } = this.#engine.state;
    if (this.#isRefusing) return Promise.resolve(this.#refusal());
    if (proposal.bytes.byteLength > parameters.commandBytesMax) {
      return Promise.resolve(refusal('too-large', heardLeader));
    }
    return this.#engine.calls.add(proposal, timeoutMs, signal) as Promise<Outcome<T>>;
  }

  get #isRefusing(): boolean {
    return this.#isStopping || this.#engine.isStopped;
  }

  /** Whoever has stopped hears from no leader. */
  #refusal(): Outcome<never> {
    const { isStopped, state } = this.#engine;
    return refusal('stopped', isStopped ? null : state.heardLeader);
  }

  query<Type = string>(
    query: Given<Query, Type>,
    options: QueryOptions = {},
  ): Promise<Outcome<AnswerTo<Query, Type, Answer>>> {
    const { stateMachine } = this.#engine;
    return this.#read(() => stateMachine.query(query) as AnswerTo<Query, Type, Answer>, options);
  }

  #read<T>(read: () => T, options: QueryOptions): Promise<Outcome<T>> {
    const { applier, queries } = this.#engine;
    const { consistency = 'linearizable', timeoutMs = TIMEOUT_MS, signal } = options;
    const misuse = misuseOf(timeoutMs, consistency);
    if (misuse !== null) return Promise.reject(misuse);
    if (this.#isRefusing) return Promise.resolve(this.#refusal());
    const evaluate = (): Outcome<T> => {
      const { index, term } = applier.last;
      return { outcome: 'applied', result: read(), index, term };
    };
    return queries[consistency](evaluate, { timeoutMs, signal });
  }

  sessionOwner(session: LogIndex, options: CallOptions = {}): Promise<Outcome<string | null>> {
    const consistency =
      this.#engine.sessions.ownerOf(session) === undefined ? 'linearizable' : 'stale';
    return this.#read(() => this.#engine.sessions.ownerOf(session) ?? null, {
      ...options,
      consistency,
    });
  }

  takeSnapshot(): void {
    if (!this.#isRefusing) this.#engine.wantSnapshot();
  }

  status(): Status {
    const { clusterId, clientAddress = '', clock } = this.#options;
    const { snapshot, state, applier, contacts, writes, isStopped, failure } = this.#engine;
    const { applied, comparison } = this.#engine;
    return statusOf({
      id: this.id,
      clusterId,
      clientAddress,
      snapshot,
      state,
      appliedIndex: applier.last.index,
      uptimeMs: Math.round(clock.now() - this.#startedAt),
      contacts,
      peerSecurity: this.#options.transport.security ?? null,
      writes,
      quota: this.#engine.quota.status,
      warnings: this.#engine.warnings.latest,
      snapshotsInstalled: this.#engine.snapshotsInstalled,
      commandsFailed: applied.refused,
      comparison: comparison?.last ?? null,
      divergence: comparison?.divergence ?? null,
      isStopped,
      failure,
    });
  }

  metrics(): readonly Metric[] {
    return metricsOf(this.status(), this.#engine.reports.leaderChanges);
  }

  readiness(): Readiness {
    return readinessOf(this.status(), this.#isStopping);
  }

  stop(): Promise<void> {
    this.#stop ??= this.#stopGracefully();
    return this.#stop;
  }

  /** What is pending settles if it can; a leader hands over, so that nobody has to time out. */
  async #stopGracefully(): Promise<void> {
    this.#isStopping = true;
    const { timing } = this.#options.parameters;
    const { calls, commit } = this.#engine;
    await this.#within(timing.electionTimeoutMaxMs, calls.settled());
    this.#engine.tell({ type: 'leadershipTransfer.requested' });
    await this.#within(timing.electionTimeoutMinMs, this.#handedOver());
    await this.#within(timing.electionTimeoutMaxMs, commit.flush());
    await this.#engine.shutDown();
  }

  /** Resolves when somebody else leads, or when there is nothing to hand over. */
  #handedOver(): Promise<void> {
    const { leadership } = this.#engine.state;
    if (leadership === null || leadership.followers.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      const watching = this.leader$.subscribe((leader) => {
        if (leader === this.id) return;
        resolve();
        queueMicrotask(() => watching.unsubscribe());
      });
    });
  }

  async #within(limitMs: number, done: Promise<unknown>): Promise<void> {
    const { clock } = this.#engine;
    let timer: unknown;
    const limit = new Promise<void>((resolve) => {
      timer = clock.setTimeout(resolve, limitMs);
    });
    // A server that fails meanwhile has no timers any more, and nothing to wait for.
    await Promise.race([done, limit, firstValueFrom(this.failed$, { defaultValue: null })]);
    clock.clearTimeout(timer);
  }
}
