/**
 * A `Server` of one, without a log: the key/value state machine, sessions as design §13 has them,
 * and switches for everything a real server may answer. The service is tested against it.
 */
import { BehaviorSubject, NEVER, Subject } from 'rxjs';
import { metricsOf } from '../../src/host/metrics.ts';
import { readinessOf } from '../../src/host/readiness.ts';
import { keyValue } from '../../src/kv/key-value.ts';
import type { KeyValueCommand, KeyValueQuery, KeyValueResult } from '../../src/kv/vocabulary.ts';
import type { Outcome, RefusalReason, ServerRefused } from '../../src/ports/outcome.ts';
import type {
  OpenSessionOptions,
  ProposeOptions,
  QueryOptions,
  ServerRole,
  Status,
} from '../../src/ports/server.ts';
import type { KeyValueServer, ServiceOptions } from '../../src/service/context.ts';
import { createService, type Service } from '../../src/service/service.ts';

interface Session {
  readonly owner: string;
  readonly answers: Map<number, KeyValueResult>;
  firstUnanswered: number;
}

export class ModelServer implements KeyValueServer {
  readonly id: string;
  readonly role$ = new BehaviorSubject<ServerRole>('leader');
  readonly leader$ = new BehaviorSubject<string | null>('a');
  readonly applied$ = new BehaviorSubject(0);
  readonly failed$ = new Subject<Error>();
  readonly inspect$ = NEVER;
  readonly facts$ = NEVER;
  /** What every call ends with; null: it takes effect. */
  forced: Outcome<never> | null = null;
  /** Fields of the status that a test wants different. */
  overrides: Partial<Status> = {};
  /** Resolved before a call takes effect. */
  gate: Promise<void> = Promise.resolve();
  readonly proposed: { command: KeyValueCommand; options: ProposeOptions }[] = [];
  readonly queried: { query: KeyValueQuery; options: QueryOptions }[] = [];
  readonly #state = keyValue();
  readonly #sessions = new Map<number, Session>();

  constructor(id = 'a') {
    this.id = id;
  }

  refuse(reason: RefusalReason): void {
    this.forced = { outcome: 'refused', reason, leader: null, retry: true };
  }

  followLeader(leader: string | null, leaderClientAddress: string | null): void {
    this.overrides = { role: 'follower', leader, leaderClientAddress };
    this.forced = { outcome: 'refused', reason: 'not-leader', leader, retry: true };
  }

  /** No call takes effect until the function that is returned is called. */
  hold(): () => void {
    let release = () => {};
    this.gate = new Promise((resolve) => {
      release = resolve;
    });
    return release;
  }

  async propose(command: KeyValueCommand, options: ProposeOptions = {}) {
    this.proposed.push({ command, options });
    await this.gate;
    if (this.forced !== null) return this.forced;
    const kept = this.#kept(options);
    if (kept !== null) return kept;
    const result = this.#apply(command);
    this.#keep(options, result);
    return this.#applied(result);
  }

  async query(query: KeyValueQuery, options: QueryOptions = {}) {
    this.queried.push({ query, options });
    await this.gate;
    if (this.forced !== null && options.consistency !== 'stale') return this.forced;
    return this.#applied(this.#state.query(query));
  }

  async openSession({ owner = '' }: OpenSessionOptions = {}) {
    await this.gate;
    if (this.forced !== null) return this.forced;
    const session = this.applied$.value + 1;
    this.applied$.next(session);
    this.#sessions.set(session, { owner, answers: new Map(), firstUnanswered: 0 });
    return this.#applied({ session, expiresAfterMs: 3_600_000 });
  }

  async closeSession(session: number) {
    if (this.forced !== null) return this.forced;
    if (!this.#sessions.delete(session)) return refused('session-expired');
    return this.#applied(null);
  }

  async sessionOwner(session: number) {
    if (this.forced !== null) return this.forced;
    return this.#applied(this.#sessions.get(session)?.owner ?? null);
  }

  session(): never {
    throw new Error('nothing here has sessions of its own');
  }

  takeSnapshot(): void {}

  status(): Status {
    const index = this.applied$.value;
    return {
      id: this.id,
      clusterId: 'model',
      role: 'leader',
      term: 3,
      leader: 'a',
      leaderClientAddress: 'http://127.0.0.1:7101',
      isReady: true,
      commitIndex: index,
      appliedIndex: index,
      lastLogIndex: index,
      snapshotIndex: 0,
      uptimeMs: 12.5,
      members: [
        { id: this.id, peerAddress: 'ws://127.0.0.1:7201', clientAddress: '', votes: true },
      ],
      peerSecurity: null,
      quota: { storedBytes: null, storedBytesMax: null },
      snapshotsInstalled: 0,
      commandsFailed: 0,
      comparison: null,
      divergence: null,
      writes: { count: 0, entries: 0, totalMs: 0, underWay: null },
      warnings: [],
      followers: {},
      failure: null,
      ...this.overrides,
    };
  }

  metrics() {
    return metricsOf(this.status(), 1);
  }

  readiness() {
    return readinessOf(this.status(), false);
  }

  async stop(): Promise<void> {}

  #applied<Result>(result: Result) {
    return { outcome: 'applied' as const, result, index: this.applied$.value, term: 3 };
  }

  #apply(command: KeyValueCommand): KeyValueResult {
    const index = this.applied$.value + 1;
    this.applied$.next(index);
    const encoded = this.#state.commands?.encode(command) ?? new Uint8Array(0);
    const decoded = this.#state.commands?.decode(encoded) ?? command;
    return this.#state.apply(decoded, { index, term: 3, time: 0 });
  }

  #kept({ session }: ProposeOptions): Outcome<KeyValueResult> | null {
    if (session === undefined) return null;
    const known = this.#sessions.get(session.session);
    if (known === undefined) return refused('session-expired');
    if (session.sequence < known.firstUnanswered) return refused('answer-discarded');
    const answer = known.answers.get(session.sequence);
    return answer === undefined ? null : this.#applied(answer);
  }

  #keep({ session }: ProposeOptions, result: KeyValueResult): void {
    const known = session && this.#sessions.get(session.session);
    if (session === undefined || known === undefined) return;
    const first = session.firstUnanswered ?? session.sequence;
    known.firstUnanswered = Math.max(known.firstUnanswered, first);
    known.answers.set(session.sequence, result);
  }
}

/** The service of such a server, as tests want it but for what they say. */
export function serviceOf(server: KeyValueServer, options: Partial<ServiceOptions> = {}): Service {
  return createService({
    server,
    advertisedClientAddress: 'http://127.0.0.1:7101',
    requestTimeoutMs: 5_000,
    version: '9.9.9',
    ...options,
  });
}

function refused(reason: RefusalReason): ServerRefused {
  return { outcome: 'refused', reason, leader: null, retry: false };
}
