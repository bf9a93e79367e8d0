/**
 * The machine against the ports (Figure 2 as a running thing). The machine decides and emits
 * effects; the engine carries them out and tells the machine what became of them. It arms no timer
 * of the protocol, and nothing here depends on a role.
 */
import type { Observable, Subscription } from 'rxjs';
import type { LogIndex } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import type { ServerState, SnapshotPointer } from '../../machines/rules/state.ts';
import { roleOf } from '../../machines/server.ts';
import type { HostEvent } from '../../machines/vocabulary.ts';
import type { Stored } from '../ports/storage.ts';
import type { Transport } from '../ports/transport.ts';
import { SLICE_ENTRIES_MAX } from './applier.ts';
import { transportFailed, writeFailed } from './errors.ts';
import { GroupCommit } from './group-commit.ts';
import type { HostOptions } from './host-options.ts';
import { LogAtRest } from './log-at-rest.ts';
import { Outbox } from './outbox.ts';
import { PeerDirectory } from './peer-directory.ts';
import { Reports } from './reports.ts';
import { Requests } from './requests.ts';
import { type EffectHandlers, RunningMachine } from './running-machine.ts';
import { ScopedClock } from './scoped-clock.ts';
import { SnapshotTransfers } from './snapshot-transfers.ts';
import { comparisonOf, type StateComparison } from './state-comparison.ts';
import { Warnings } from './warnings.ts';

export class Engine {
  readonly options: HostOptions;
  readonly clock: ScopedClock;
  readonly reports = new Reports();
  readonly peers: PeerDirectory;
  readonly warnings: Warnings;
  readonly requests: Requests;
  readonly machine: RunningMachine;
  /** Null where states are not compared. */
  readonly comparison: StateComparison | null;
  readonly #stored: Pick<Stored, 'storageId' | 'warnings'>;
  readonly #outbox: Outbox;
  readonly groupCommit: GroupCommit;
  /** Since the start, of a leader's. */
  snapshotsInstalled = 0;
  readonly #snapshotTransfers: SnapshotTransfers;
  readonly #logAtRest: LogAtRest;
  readonly #subscriptions: Subscription[] = [];
  #durable: number;
  #isStopped = false;
  #shutDown: Promise<void> | null = null;
  #failure: Error | null = null;

  constructor(options: HostOptions, stored: Stored) {
    const { id, storage, defer = queueMicrotask, observer, hash } = options;
    const { turns = { sliceEntriesMax: () => SLICE_ENTRIES_MAX, next: defer } } = options;
    const clock = new ScopedClock(options.clock);
    const state = () => this.state;
    const onFailed = (error: unknown) => this.fail(error);
    this.options = options;
    this.clock = clock;
    this.#stored = { storageId: stored.storageId, warnings: stored.warnings };
    this.#durable = stored.lastWriteId;
    this.peers = new PeerDirectory(clock);
    this.warnings = new Warnings(clock, (message) => observer?.onWarning?.(message));
    this.requests = new Requests(
      {
        ...{ ...options, clock, defer, turns, state, onFailed },
        send: (event) => this.send(event),
        onApplied: (index) => this.#noteApplied(index),
      },
      stored,
    );
    this.machine = new RunningMachine(
      {
        ...{ ...options, clock, onFailed },
        effectHandlers: this.#effectHandlers(),
        onState: (snapshot) => this.reports.report(roleOf(snapshot), snapshot.context.heardLeader),
      },
      stored,
    );
    this.#outbox = new Outbox((message) => this.#send(message), stored.lastWriteId);
    this.groupCommit = new GroupCommit({
      clock,
      write: (batch) => storage.write(batch),
      onDurable: (number) => this.#noteDurable(number),
      onFailed: (error, number) => onFailed(writeFailed(id, number, error)),
    });
    this.comparison = comparisonOf(options, this.requests, {
      ...{ clock, state },
      transmit: (send) => this.#transmit(send),
      warn: (message) => this.#warn(message),
    });
    this.#logAtRest = new LogAtRest({ clock, state, wantSnapshot: () => this.wantSnapshot() });
    const { stateMachine, sessions } = this.requests;
    const pause = () => new Promise<void>((resolve) => turns.next(resolve));
    const transferred = { id, storage, stateMachine, sessions, pause, hash, onFailed };
    this.#snapshotTransfers = new SnapshotTransfers(transferred);
  }

  get state(): ServerState {
    return this.machine.state;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  get failure(): Error | null {
    return this.#failure;
  }

  async start(): Promise<void> {
    const { id, transport, storage, clusterId, clientAddress = '' } = this.options;
    const { storageId, warnings } = this.#stored;
    for (const warning of warnings) this.warnings.note('storage', warning);
    this.machine.start();
    this.#catchUp();
    const failed = (cause: unknown) => this.fail(transportFailed(id, cause));
    this.#listenTo(transport.received$, failed, (message) => {
      this.peers.heard(message.from);
      this.send({ type: 'rpc.received', message });
    });
    this.#listenTo(transport.connections$, failed, (change) => {
      this.peers.changed(change);
      if (!change.isConnected) this.send({ type: 'connection.lost', peer: change.peer });
    });
    this.#listenTo(transport.notices$, failed, ({ message, peer }) =>
      this.warnings.note('transport', message, peer),
    );
    this.#listenTo(
      storage.notices$,
      (cause) => this.fail(cause),
      (message) => this.warnings.note('storage', message),
    );
    const { comparison } = this;
    if (comparison !== null) {
      this.#listenTo(transport.digests$, failed, ({ from, ...told }) =>
        comparison.receive(from, told),
      );
      comparison.start();
    }
    try {
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
  #listenTo<Value>(
    values$: Observable<Value> | undefined,
    error: (cause: unknown) => void,
    listen: (value: Value) => void,
  ): void {
    if (values$ === undefined) return;
    const next = (value: Value) => {
      try {
        listen(value);
      } catch (cause) {
        this.fail(cause);
      }
    };
    this.#subscriptions.push(values$.subscribe({ next, error }));
  }

  /** What a restart has before any leader speaks: the snapshot, and what is known to be committed. */
  #catchUp(): void {
    const { snapshot, commitIndex, lastApplied, log } = this.state;
    if (snapshot !== null) this.#restore(snapshot);
    if (commitIndex > lastApplied) {
      this.requests.applier.apply(log.slice(lastApplied + 1, commitIndex));
    }
  }

  send(event: HostEvent): void {
    this.machine.send(event);
  }

  /** In one place: what a server does about each decision of its machine. */
  #effectHandlers(): EffectHandlers {
    const { applier, calls, queries } = this.requests;
    return {
      persist: (effect) => this.groupCommit.add(effect),
      send: (effect) => this.#outbox.add(effect),
      apply: ({ entries }) => applier.apply(entries),
      restore: ({ snapshot }) => {
        this.snapshotsInstalled += 1;
        this.#restore(snapshot);
      },
      takeSnapshot: () => this.#takeSnapshot(),
      discardSnapshot: ({ snapshotId }) => this.#snapshotTransfers.discard(snapshotId),
      storeChunk: (effect) =>
        this.#snapshotTransfers.store(
          effect,
          (stored) => this.send({ type: 'chunk.stored', ...stored }),
          (rejected) => this.send({ type: 'chunk.rejected', ...rejected }),
        ),
      sendChunk: (effect) => this.#snapshotTransfers.send(effect, (message) => this.#send(message)),
      proposalsAppended: (effect) => calls.track(effect),
      rejectProposals: (effect) => calls.refuse(effect),
      // For who listens, to the machine itself: it asks nothing of the host.
      explain: () => {},
      answerReads: (effect) => queries.answer(effect),
      rejectReads: (effect) => queries.refuse(effect),
      leadershipLost: () => {
        this.#snapshotTransfers.closeReaders();
        calls.leadershipLost();
      },
      warn: ({ message }) => this.warnings.note('server', message),
    };
  }

  #restore(snapshot: SnapshotPointer): void {
    const restore = this.#snapshotTransfers.restoring(snapshot);
    this.requests.applier.restore({ snapshot, restore });
  }

  #send(message: Message): void {
    this.#transmit((transport) => transport.send(message));
  }

  #transmit(send: (transport: Transport) => void): void {
    if (this.#isStopped) return;
    try {
      send(this.options.transport);
    } catch (error) {
      this.fail(transportFailed(this.options.id, error));
    }
  }

  #warn(message: string): void {
    try {
      this.warnings.note('server', message);
    } catch (error) {
      this.fail(error);
    }
  }

  /** What waited for the write goes out first; what the machine makes of it comes behind. */
  #noteDurable(number: number): void {
    this.#durable = number;
    this.#outbox.release(number);
    this.send({ type: 'storage.persisted', writeId: number, now: this.clock.now() });
  }

  #noteApplied(index: LogIndex): void {
    this.reports.applied$.update(index);
    this.send({ type: 'entries.applied', index });
    this.#logAtRest.noteApplied(index);
  }

  /** At the end of this turn: a caller may be in the middle of a command. */
  wantSnapshot(): void {
    const { defer = queueMicrotask } = this.options;
    defer(() => this.send({ type: 'snapshot.wanted' }));
  }

  /** Between two batches, which is when the machine asks for it. */
  #takeSnapshot(): void {
    const { index, term, time } = this.requests.applier.last;
    const { log } = this.state;
    const configuration = log.configurationAt(index);
    const settings = log.settingsAt(index);
    this.#snapshotTransfers.take({ index, term, time, configuration, settings }, (snapshot) =>
      this.send({ type: 'snapshot.taken', snapshot }),
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
    this.machine.stop();
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
    this.requests.stop();
    this.groupCommit.close();
    this.#snapshotTransfers.close();
    this.clock.drop();
    this.reports.end(this.#failure);
    const { transport, storage } = this.options;
    const closing = [transport, storage].map(async (port) => port.close());
    await Promise.allSettled(closing);
  }
}
