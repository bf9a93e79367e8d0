/** Starts one server and gives it to its users: every call settles, and `stop` leaves nothing half done. */
import { firstValueFrom, type Observable } from 'rxjs';
import type { InspectionEvent } from 'xstate';
import type { LogIndex, ServerId } from '../../machines/rules/entries.ts';
import type { Fact } from '../../machines/rules/facts.ts';
import { assertParameters } from '../../machines/rules/parameters.ts';
import type { Metric, Readiness } from '../ports/metrics.ts';
import type { Outcome } from '../ports/outcome.ts';
import type {
  CallOptions,
  OpenedSession,
  OpenSessionOptions,
  ProposeOptions,
  QueryOptions,
  Server,
  ServerRole,
  Session,
  SessionOptions,
  Status,
} from '../ports/server.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import type { Stored } from '../ports/storage.ts';
import type { AnswerTo, Given } from '../ports/typed-calls.ts';
import { CommandSession, portOf } from './command-session.ts';
import { offerDirectCalls } from './direct-calls.ts';
import { Engine } from './engine.ts';
import { StartError } from './errors.ts';
import type { HostOptions } from './host-options.ts';
import { metricsOf } from './metrics.ts';
import { readinessOf } from './readiness.ts';
import { bytesOfOwner, type Requests } from './requests.ts';
import { statusOf } from './status.ts';

export type { HostObserver, HostOptions } from './host-options.ts';

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
  return new Host<Command, Result, Query, Answer>(engine);
}

/** @throws what the state machine's factory throws, or the rules about what is stored. */
async function loaded(options: HostOptions): Promise<Engine> {
  const stored = await loadOrInitialise(options);
  try {
    return new Engine(options, stored);
  } catch (error) {
    await options.storage.close();
    throw error;
  }
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
      'have voted and acknowledged entries, and could do so again. Restore its directory, ' +
      'or replace it by a server of another name.',
  );
}

class Host<Command, Result, Query, Answer> implements Server<Command, Result, Query, Answer> {
  readonly id: ServerId;
  readonly role$: Observable<ServerRole>;
  readonly leader$: Observable<ServerId | null>;
  readonly applied$: Observable<LogIndex>;
  readonly failed$: Observable<Error>;
  readonly inspect$: Observable<InspectionEvent>;
  readonly facts$: Observable<Fact>;
  readonly #engine: Engine;
  readonly #requests: Requests;
  readonly #startedAt: number;
  #stop: Promise<void> | null = null;

  constructor(engine: Engine) {
    this.id = engine.options.id;
    this.#engine = engine;
    this.#requests = engine.requests;
    this.#startedAt = engine.clock.now();
    const { role$, leader$, applied$, failed$ } = engine.reports;
    this.role$ = role$.asObservable();
    this.leader$ = leader$.asObservable();
    this.applied$ = applied$.asObservable();
    this.failed$ = failed$.asObservable();
    this.inspect$ = engine.machine.inspect$;
    this.facts$ = engine.machine.facts$;
    offerDirectCalls(this, {
      propose: (bytes, how, settle) => this.#requests.proposeEncoded(bytes, how, settle),
      query: (query, how, ends) => this.#requests.queryDirectly(query, how, ends),
    });
  }

  propose<Type = string>(
    command: Given<Command, Type>,
    options: ProposeOptions = {},
  ): Promise<Outcome<AnswerTo<Command, Type, Result>>> {
    const outcome = this.#requests.propose(command, options);
    return outcome as Promise<Outcome<AnswerTo<Command, Type, Result>>>;
  }

  query<Type = string>(
    query: Given<Query, Type>,
    options: QueryOptions = {},
  ): Promise<Outcome<AnswerTo<Query, Type, Answer>>> {
    const outcome = this.#requests.query(query, options);
    return outcome as Promise<Outcome<AnswerTo<Query, Type, Answer>>>;
  }

  session({ owner = '' }: SessionOptions = {}): Session<Command, Result> {
    bytesOfOwner(owner);
    return new CommandSession(portOf(this, this.#requests, this.#engine.options, owner));
  }

  async openSession(options: OpenSessionOptions = {}): Promise<Outcome<OpenedSession>> {
    return this.#requests.openSession(options);
  }

  closeSession(session: LogIndex, options: CallOptions = {}): Promise<Outcome<null>> {
    return this.#requests.closeSession(session, options);
  }

  sessionOwner(session: LogIndex, options: CallOptions = {}): Promise<Outcome<string | null>> {
    return this.#requests.sessionOwner(session, options);
  }

  takeSnapshot(): void {
    if (this.#requests.isAccepting) this.#engine.wantSnapshot();
  }

  status(): Status {
    return statusOf(this.#engine, this.#startedAt);
  }

  metrics(): readonly Metric[] {
    return metricsOf(this.status(), this.#engine.reports.leaderChanges);
  }

  readiness(): Readiness {
    return readinessOf(this.status(), this.#stop !== null);
  }

  stop(): Promise<void> {
    this.#stop ??= this.#stopGracefully();
    return this.#stop;
  }

  /** Waits for what is pending, then hands over leadership: nobody has to wait for an election. */
  async #stopGracefully(): Promise<void> {
    this.#requests.stopAccepting();
    const { timing } = this.#engine.options.parameters;
    await this.#within(timing.electionTimeoutMaxMs, this.#requests.calls.settled());
    this.#engine.send({ type: 'leadershipTransfer.requested' });
    await this.#within(timing.electionTimeoutMinMs, this.#handedOver());
    await this.#within(timing.electionTimeoutMaxMs, this.#engine.groupCommit.flush());
    await this.#engine.shutDown();
  }

  /** Resolves when another server leads, or when there is nothing to hand over. */
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
