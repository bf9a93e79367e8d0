/**
 * The machine against the ports (Figure 2 as a running thing). The machine decides and emits
 * effects; the engine has them carried out, and tells the machine what became of them. It arms no
 * timer of the protocol, and nothing here depends on a role.
 */

import type { Observable, Subscription } from 'rxjs';
import { createActor, type InspectionEvent } from 'xstate';
import { randomizedDelays } from '../../machines/randomized-delays.ts';
import type { Effect } from '../../machines/rules/effects.ts';
import type { LogIndex } from '../../machines/rules/entries.ts';
import type { Fact } from '../../machines/rules/facts.ts';
import { Log } from '../../machines/rules/log.ts';
import type { Message } from '../../machines/rules/messages.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { roleOf, type ServerSnapshot, serverMachine } from '../../machines/server.ts';
import type { HostEvent } from '../../machines/vocabulary.ts';
import { plainData } from '../formats/plain-data.ts';
import { shortDigest } from '../formats/short-digest.ts';
import type { WriteStatus } from '../ports/server.ts';
import type { Codec, StateMachine } from '../ports/state-machine.ts';
import type { Stored, WriteBatch } from '../ports/storage.ts';
import type { Transport } from '../ports/transport.ts';
import { Applier, SLICE_ENTRIES_MAX } from './applier.ts';
import { Calls } from './calls.ts';
import { Commands } from './commands.ts';
import { transportFailed, writeFailed } from './errors.ts';
import { GroupCommit } from './group-commit.ts';
import type { HostOptions } from './host-options.ts';
import { explanations, factsOf, inspectionOf } from './inspection.ts';
import { LogAtRest } from './log-at-rest.ts';
import { Outbox } from './outbox.ts';
import { PeerDirectory } from './peer-directory.ts';
import { Queries } from './queries.ts';
import { Quota } from './quota.ts';
import { Reports } from './reports.ts';
import { ScopedClock } from './scoped-clock.ts';
import { SessionTable } from './session-table.ts';
import { SnapshotTransfers } from './snapshot-transfers.ts';
import { StateComparison } from './state-comparison.ts';
import { Warnings } from './warnings.ts';

type EffectHandlers = {
  readonly [Type in Effect['type']]: (effect: Extract<Effect, { type: Type }>) => void;
};

export class Engine {
  readonly reports = new Reports();
  readonly inspect$: Observable<InspectionEvent>;
  readonly facts$: Observable<Fact>;
  readonly clock: ScopedClock;
  readonly commands: Codec<unknown>;
  readonly stateMachine: StateMachine;
  readonly sessions: SessionTable;
  readonly quota: Quota;
  readonly calls: Calls;
  readonly queries: Queries;
  readonly applied: Commands;
  readonly applier: Applier;
  readonly commit: GroupCommit;
  readonly contacts: PeerDirectory;
  readonly warnings: Warnings;

  readonly #options: HostOptions;
  readonly #stored: Omit<Stored, 'entries'>;
  readonly #actor;
  readonly #outbox: Outbox;
  readonly #snapshotTransfers: SnapshotTransfers;
  readonly #rest: LogAtRest;
  /** Null where states are not compared. */
  readonly comparison: StateComparison | null;
  readonly #effectHandlers: EffectHandlers;
  readonly #subscriptions: Subscription[] = [];
  #state: ServerState;
  #durable: number;
  #writes: WriteStatus = { count: 0, entries: 0, totalMs: 0, underWay: null };
  #underWay: { readonly number: number; readonly startedAt: number } | null = null;
  snapshotsInstalled = 0;
  #isStopped = false;
  #shutDown: Promise<void> | null = null;
  #failure: Error | null = null;

  constructor(options: HostOptions, stored: Stored) {
    const { id, parameters, random, storage, machine = serverMachine } = options;
    const { defer = queueMicrotask } = options;
    const { turns = { sliceEntriesMax: () => SLICE_ENTRIES_MAX, next: defer } } = options;
    this.#options = options;
    const { entries, ...kept } = stored;
    this.#stored = kept;
    this.#durable = stored.lastWriteId;
    const clock = new ScopedClock(options.clock);
    this.clock = clock;
    this.contacts = new PeerDirectory(clock);
    this.warnings = new Warnings(clock, (message) => options.observer?.onWarning?.(message));
    const stateMachine = options.stateMachine();
    this.stateMachine = stateMachine;
    this.commands = stateMachine.commands ?? plainData();
    const sessions = new SessionTable(stored.base.settings);
    this.sessions = sessions;
    this.quota = new Quota({
      storedBytesMax: options.storedBytesMax ?? null,
      stateMachine,
      unappliedBytes: () => {
        const { log, lastApplied } = this.#state;
        return log.bytesBetween(lastApplied, log.lastIndex);
      },
      isAnswered: (session, sequence) => sessions.answerTo(session, sequence) !== null,
    });
    const onFailed = (error: unknown) => this.fail(error);

    const given = { ...kept, log: Log.from(stored.base, entries) };
    this.#actor = createActor(machine.provide({ delays: randomizedDelays(random) }), {
      // Who inspects from the start on misses nothing; who comes later begins there.
      input: {
        id,
        parameters,
        stored: given,
        isExplained: options.observer?.onInspection !== undefined,
      },
      clock,
    });
    // XState keeps its input, and the first log shares its growing array with all that follow.
    given.log = Log.from(stored.base);
    this.#state = this.#actor.getSnapshot().context;
    const explained = explanations(this.#actor);
    this.inspect$ = inspectionOf(this.#actor, explained);
    this.facts$ = factsOf(this.#actor, explained);
    this.#outbox = new Outbox((message) => this.#send(message), stored.lastWriteId);
    this.commit = new GroupCommit({
      write: (batch) => this.#write(batch),
      onDurable: (number) => this.#noteDurable(number),
      onFailed: (error, number) => onFailed(writeFailed(id, number, error)),
    });
    this.calls = new Calls({
      clock,
      defer,
      propose: (batch, proposals) =>
        this.tell({ type: 'client.proposed', batch, now: clock.now(), proposals }),
      graceMs: parameters.timing.electionTimeoutMaxMs,
    });
    this.queries = new Queries({
      clock,
      defer,
      ask: (read) => this.tell({ type: 'client.queried', reads: [read] }),
      whenApplied: (index, callback) => this.applier.whenApplied(index, callback),
    });
    this.applied = new Commands({
      id,
      stateMachine,
      commands: this.commands,
      results: stateMachine.results ?? plainData('result'),
      onRefused: (error) => options.observer?.onCommandFailed?.(error),
    });
    this.applier = new Applier({
      commands: this.applied,
      sessions,
      calls: this.calls,
      leader: () => this.#state.heardLeader,
      defer,
      turns,
      onApplied: (index) => this.#noteApplied(index),
      onFailed,
    });
    this.comparison = this.#makeComparison();
    this.#rest = new LogAtRest({
      clock,
      state: () => this.#state,
      wantSnapshot: () => this.wantSnapshot(),
    });
    const pause = () => new Promise<void>((resolve) => turns.next(resolve));
    this.#snapshotTransfers = new SnapshotTransfers({
      id,
      storage,
      stateMachine,
      sessions,
      pause,
      onFailed,
    });
    this.#effectHandlers = this.#makePerformers();
  }

  #makeComparison(): StateComparison | null {
    const { id, transport, compareStatesEveryMs: everyMs = 10_000 } = this.#options;
    const { stateMachine, applier, clock } = this;
    const isPossible = stateMachine.digest && transport.digests$ && transport.sendDigests;
    if (everyMs === null || !isPossible) return null;
    return new StateComparison({
      id,
      clock,
      everyMs,
      state: () => this.#state,
      digest: () => shortDigest(stateMachine.digest?.() ?? ''),
      atIndex: (index, callback) => applier.atIndex(index, callback),
      send: (to, told) => this.#transmit((there) => there.sendDigests?.(to, told)),
      warn: (sentence) => this.#warn(sentence),
    });
  }

  get state(): ServerState {
    return this.#state;
  }

  get snapshot(): ServerSnapshot {
    return this.#actor.getSnapshot();
  }

  get writes(): WriteStatus {
    if (this.#underWay === null) return this.#writes;
    const { number, startedAt } = this.#underWay;
    return { ...this.#writes, underWay: { number, forMs: this.clock.now() - startedAt } };
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  get failure(): Error | null {
    return this.#failure;
  }

  async start(): Promise<void> {
    const { id, transport, storage, clusterId, clientAddress = '', observer } = this.#options;
    for (const warning of this.#stored.warnings) this.warnings.note('storage', warning);
    if (observer?.onInspection !== undefined) this.inspect$.subscribe(observer.onInspection);
    this.#actor.on('*', (effect) => this.#carryOut(effect));
    this.#actor.subscribe({
      next: (snapshot) => this.#observe(snapshot),
      error: (error) => this.fail(error),
    });
    this.#actor.start();
    this.#catchUp();
    const error = (cause: unknown) => this.fail(transportFailed(id, cause));
    this.#subscriptions.push(
      transport.received$.subscribe({
        next: (message) => {
          this.contacts.heard(message.from);
          this.tell({ type: 'rpc.received', message });
        },
        error,
      }),
      transport.connections$.subscribe({
        next: (change) => {
          this.contacts.changed(change);
          if (!change.isConnected) this.tell({ type: 'connection.lost', peer: change.peer });
        },
        error,
      }),
    );
    this.#listenTo(transport.notices$, ({ message, peer }) =>
      this.warnings.note('transport', message, peer),
    );
    this.#listenTo(storage.notices$, (message) => this.warnings.note('storage', message));
    if (this.comparison !== null && transport.digests$ !== undefined) {
      const { comparison } = this;
      this.#subscriptions.push(
        transport.digests$.subscribe({
          next: ({ from, ...told }) => comparison.receive(from, told),
          error,
        }),
      );
      comparison.start();
    }
    try {
      const { storageId } = this.#stored;
      const { peerMemory } = storage;
      const writeNumber = () => this.#durable;
      await transport.open({
        ...{ clusterId, serverId: id, storageId, writeNumber, clientAddress },
        ...(peerMemory === undefined ? {} : { peerMemory }),
      });
    } catch (error) {
      await this.shutDown();
      throw error;
    }
  }

  /** A listener that throws stops the server, here as elsewhere. */
  #listenTo<Notice>(
    notices$: Observable<Notice> | undefined,
    note: (notice: Notice) => void,
  ): void {
    const subscription = notices$?.subscribe((notice) => {
      try {
        note(notice);
      } catch (error) {
        this.fail(error);
      }
    });
    if (subscription !== undefined) this.#subscriptions.push(subscription);
  }

  /** What a restart has before any leader speaks: the snapshot, and what is known to be committed. */
  #catchUp(): void {
    const { snapshot, commitIndex, lastApplied, log } = this.#state;
    if (snapshot !== null) {
      this.applier.restore({ snapshot, restore: this.#snapshotTransfers.restoring(snapshot) });
    }
    if (commitIndex > lastApplied) this.applier.apply(log.slice(lastApplied + 1, commitIndex));
  }

  tell(event: HostEvent): void {
    if (this.#isStopped) return;
    try {
      this.#options.observer?.onEvent?.(event);
      this.#actor.send(event);
    } catch (error) {
      this.fail(error);
    }
  }

  #observe(snapshot: ServerSnapshot): void {
    if (this.#isStopped) return;
    this.#state = snapshot.context;
    try {
      this.#options.observer?.onState?.(snapshot.context, snapshot);
    } catch (error) {
      this.fail(error);
      return;
    }
    this.reports.tell(roleOf(snapshot), snapshot.context.heardLeader);
  }

  /** A listener that throws would let later effects run: the first failure stops the server. */
  #carryOut(effect: Effect): void {
    if (this.#isStopped) return;
    try {
      this.#options.observer?.onEffect?.(effect);
      (this.#effectHandlers[effect.type] as (effect: Effect) => void)(effect);
    } catch (error) {
      this.fail(error);
    }
  }

  #makePerformers(): EffectHandlers {
    const restore = (snapshot: Parameters<SnapshotTransfers['restoring']>[0]) => {
      this.snapshotsInstalled += 1;
      this.applier.restore({ snapshot, restore: this.#snapshotTransfers.restoring(snapshot) });
    };
    return {
      persist: (effect) => this.commit.add(effect),
      send: (effect) => this.#outbox.add(effect),
      apply: ({ entries }) => this.applier.apply(entries),
      restore: ({ snapshot }) => restore(snapshot),
      takeSnapshot: () => this.#takeSnapshot(),
      discardSnapshot: ({ snapshotId }) => this.#snapshotTransfers.discard(snapshotId),
      storeChunk: (effect) =>
        this.#snapshotTransfers.store(
          effect,
          (stored) => this.tell({ type: 'chunk.stored', ...stored }),
          (rejected) => this.tell({ type: 'chunk.rejected', ...rejected }),
        ),
      sendChunk: (effect) => this.#snapshotTransfers.send(effect, (message) => this.#send(message)),
      proposalsAppended: (effect) => this.calls.track(effect),
      rejectProposals: (effect) => this.calls.refuse(effect),
      // For who listens, to the machine itself: it asks nothing of the host.
      explain: () => {},
      answerReads: (effect) => this.queries.answer(effect),
      rejectReads: (effect) => this.queries.refuse(effect),
      leadershipLost: () => {
        this.#snapshotTransfers.closeReaders();
        this.calls.leadershipLost();
      },
      warn: ({ message }) => this.warnings.note('server', message),
    };
  }

  #send(message: Message): void {
    this.#transmit((transport) => transport.send(message));
  }

  #transmit(send: (transport: Transport) => void): void {
    if (this.#isStopped) return;
    try {
      send(this.#options.transport);
    } catch (error) {
      this.fail(transportFailed(this.#options.id, error));
    }
  }

  #warn(sentence: string): void {
    try {
      this.warnings.note('server', sentence);
    } catch (error) {
      this.fail(error);
    }
  }

  async #write(batch: WriteBatch): Promise<void> {
    const startedAt = this.clock.now();
    this.#underWay = { number: batch.writeId, startedAt };
    await this.#options.storage.write(batch);
    this.#underWay = null;
    const { count, entries, totalMs } = this.#writes;
    this.#writes = {
      underWay: null,
      count: count + 1,
      entries: entries + batch.entries.length,
      totalMs: totalMs + this.clock.now() - startedAt,
    };
  }

  /** What waited for the write goes out first; what the machine makes of it comes behind. */
  #noteDurable(number: number): void {
    this.#durable = number;
    this.#outbox.release(number);
    this.tell({ type: 'storage.persisted', writeId: number, now: this.clock.now() });
  }

  #noteApplied(index: LogIndex): void {
    this.reports.applied$.tell(index);
    this.tell({ type: 'entries.applied', index });
    this.#rest.noteApplied(index);
  }

  /** At the end of this turn: a caller may be in the middle of a command. */
  wantSnapshot(): void {
    const { defer = queueMicrotask } = this.#options;
    defer(() => this.tell({ type: 'snapshot.wanted' }));
  }

  /** Between two batches, which is when the machine asks for it. */
  #takeSnapshot(): void {
    const { index, term, time } = this.applier.last;
    const { log } = this.#state;
    const configuration = log.configurationAt(index);
    const settings = log.settingsAt(index);
    this.#snapshotTransfers.take({ index, term, time, configuration, settings }, (snapshot) =>
      this.tell({ type: 'snapshot.taken', snapshot }),
    );
  }

  /** Nothing of this server is observed afterwards: no message, no answer, no write. */
  fail(error: unknown): void {
    if (this.#isStopped) return;
    this.#failure = error instanceof Error ? error : new Error(String(error));
    void this.shutDown();
  }

  /** Idempotent; resolves when the ports are closed. */
  shutDown(): Promise<void> {
    this.#shutDown ??= this.#close();
    return this.#shutDown;
  }

  async #close(): Promise<void> {
    this.#isStopped = true;
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    this.calls.stop();
    this.queries.stop();
    this.applier.stop();
    this.commit.close();
    this.#snapshotTransfers.close();
    this.#actor.stop();
    this.clock.drop();
    this.reports.end(this.#failure);
    const { transport, storage } = this.#options;
    const closing = [transport, storage].map(async (port) => port.close());
    await Promise.allSettled(closing);
  }
}
