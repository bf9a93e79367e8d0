/**
 * The course's own interface (MIT 6.824 / 6.5840, lab 2) over the same machines: `Make`, `Start`,
 * `GetState`, `Snapshot`, `Kill`, calls that answer, a persister that saves at once.
 *
 * A thin adapter: it changes no rule. What differs is timing (ten heartbeats a second), no trailing
 * entries, and no empty entry of a new leader, since the course counts indexes.
 */
import { createActor } from 'xstate';
import { randomizedDelays } from '../../machines/randomized-delays.ts';
import type {
  Effect,
  ProposalsAppended,
  SendChunk,
  StoreChunk,
} from '../../machines/rules/effects.ts';
import type { Entry, LogIndex, Term } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import { DEFAULT_PARAMETERS, type Parameters } from '../../machines/rules/parameters.ts';
import type { SnapshotPointer } from '../../machines/rules/state.ts';
import { type ServerMachine, serverMachine } from '../../machines/server.ts';
import type { HostEvent } from '../../machines/vocabulary.ts';
import { decodeFrame, encodeFrame } from '../formats/message-frame.ts';
import { ScopedClock } from '../host/scoped-clock.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { Persister } from './persister.ts';
import { SavedState } from './saved-state.ts';
import { decodeTransfer, encodeTransfer } from './transfer.ts';

/** Another server, as far as the network lets it answer. */
export interface Peer {
  /** Undefined: the request or its answer was lost, or there is no such server. */
  call(request: Uint8Array): Promise<Uint8Array | undefined>;
}

/** What the course’s tests are told: a committed command at its index, or a snapshot instead. */
export type ApplyMsg =
  | { commandValid: true; command: string; commandIndex: LogIndex }
  | { snapshotValid: true; snapshot: Uint8Array; snapshotIndex: LogIndex; snapshotTerm: Term };

/** The arguments of the course’s `Make`. */
export interface MakeOptions {
  /** All servers; `peers[me]` is never called and may be null. */
  peers: (Peer | null)[];
  me: number;
  persister: Persister;
  /** Each committed command once and in order, on every server; or a snapshot instead. */
  onApply: (message: ApplyMsg) => void;
  /** Default: real time. */
  clock?: Clock;
  /** Default: real chance. */
  random?: Random;
}

/** One Raft server of the course. */
export interface Raft {
  /** At once; `index` is where the command will stand if it is ever committed. */
  start(command: string): { index: LogIndex; term: Term; isLeader: boolean };
  /** The course's `GetState`: what this server believes now. */
  getState(): { term: Term; isLeader: boolean };
  /** The service has everything through `index` in `snapshot`; the log before it may go. */
  snapshot(index: LogIndex, snapshot: Uint8Array): void;
  /** A peer's request, and the answer to it; empty when there is none. */
  receive(request: Uint8Array): Promise<Uint8Array>;
  /** The course's `Kill`: nothing of it runs any more. */
  kill(): void;
}

const LAB_PARAMETERS: Parameters = {
  ...DEFAULT_PARAMETERS,
  timing: {
    heartbeatIntervalMs: 100,
    electionTimeoutMinMs: 300,
    electionTimeoutMaxMs: 600,
    lostLeaderWaitMaxMs: 100,
  },
  snapshotAfterEntries: Number.POSITIVE_INFINITY,
  snapshotAfterBytes: Number.POSITIVE_INFINITY,
  trailingEntries: 0,
  chunkBytes: 4 * 1024 * 1024,
  appendsEmptyEntry: false,
};

const realTime: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (id) => clearTimeout(id),
};

const NOTHING = new Uint8Array(0);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Starts a server from what its persister holds. */
export function make(options: MakeOptions): Raft {
  return makeFrom(serverMachine, options);
}

/** The same from another machine: a broken one, which the course's tests must notice. */
export function makeFrom(machine: ServerMachine, options: MakeOptions): Raft {
  return new LabServer(machine, options);
}

class LabServer implements Raft {
  readonly #options: MakeOptions;
  readonly #id: string;
  readonly #clock: ScopedClock;
  readonly #actor;
  readonly #saved: SavedState;
  #serviceSnapshot: Uint8Array | null;
  /** Snapshots by id, as they travel: those being sent, arriving, or waiting to come into force. */
  readonly #transfers = new Map<string, Uint8Array>();
  #tracked: ProposalsAppended | null = null;
  #replyTo: ((reply: Uint8Array) => void) | null = null;
  #isKilled = false;

  constructor(machine: ServerMachine, options: MakeOptions) {
    const { me, peers, persister, clock = realTime, random = { next: Math.random } } = options;
    this.#options = options;
    this.#id = String(me);
    this.#clock = new ScopedClock(clock);
    this.#saved = SavedState.decode(persister.readRaftState(), peers.length);
    this.#serviceSnapshot = persister.readSnapshot();
    this.#keepTransfer(this.#saved.stored.snapshot);
    this.#actor = createActor(machine.provide({ delays: randomizedDelays(random) }), {
      input: { id: this.#id, parameters: LAB_PARAMETERS, stored: this.#saved.stored },
      clock: this.#clock,
    });
    this.#actor.on('*', (effect) => this.#perform(effect));
    this.#actor.subscribe({ error: (error) => this.#fail(error) });
    this.#actor.start();
    this.#catchUp();
  }

  /** After a restart the service has nothing: its snapshot first, then what is known as committed. */
  #catchUp(): void {
    const { snapshot, commitIndex, lastApplied, log } = this.#actor.getSnapshot().context;
    if (snapshot !== null) this.#applySnapshot(snapshot);
    if (commitIndex > lastApplied) this.#apply(log.slice(lastApplied + 1, commitIndex));
  }

  start(command: string): { index: LogIndex; term: Term; isLeader: boolean } {
    this.#tracked = null;
    const bytes = encoder.encode(command);
    const proposals = [{ type: 'command', bytes } as const];
    this.#tell({ type: 'client.proposed', batch: 0, now: this.#clock.now(), proposals });
    const tracked = this.#tracked as ProposalsAppended | null;
    if (tracked === null) return { index: 0, term: this.getState().term, isLeader: false };
    return { index: tracked.index, term: tracked.term, isLeader: true };
  }

  getState(): { term: Term; isLeader: boolean } {
    const { currentTerm, leadership } = this.#actor.getSnapshot().context;
    return { term: currentTerm, isLeader: leadership !== null && !this.#isKilled };
  }

  snapshot(index: LogIndex, snapshot: Uint8Array): void {
    const { log, snapshot: present } = this.#actor.getSnapshot().context;
    const entry = log.entryAt(index);
    if (this.#isKilled || entry === undefined || index <= (present?.index ?? 0)) return;
    const { term, time } = entry;
    const configuration = log.configurationAt(index);
    const settings = log.settingsAt(index);
    const transfer = encodeTransfer({ time, snapshot });
    const id = `${this.#id}-${term}-${index}`;
    this.#transfers.set(id, transfer);
    const sizeBytes = transfer.byteLength;
    const pointer = { id, index, term, time, configuration, settings, sizeBytes };
    this.#tell({ type: 'snapshot.taken', snapshot: pointer });
  }

  /** Everything here happens at once, so the answer is there when the machine has settled. */
  async receive(request: Uint8Array): Promise<Uint8Array> {
    const message = decodeFrame(request);
    if (message === 'unknown-kind' || this.#isKilled) return NOTHING;
    let reply: Uint8Array = NOTHING;
    this.#replyTo = (bytes) => {
      reply = bytes;
    };
    this.#tell({ type: 'rpc.received', message });
    this.#replyTo = null;
    return reply;
  }

  kill(): void {
    this.#isKilled = true;
    this.#actor.stop();
    this.#clock.drop();
  }

  #tell(event: HostEvent): void {
    if (!this.#isKilled) this.#actor.send(event);
  }

  /** A bug stops the server, and is thrown where nobody can overhear it: out of a timer. */
  #fail(error: unknown): void {
    this.kill();
    (this.#options.clock ?? realTime).setTimeout(() => {
      throw error;
    }, 0);
  }

  #perform(effect: Effect): void {
    if (this.#isKilled) return;
    if (effect.type === 'persist') this.#persist(effect);
    else if (effect.type === 'send') this.#send(effect.message);
    else if (effect.type === 'apply') this.#apply(effect.entries);
    else if (effect.type === 'restore') this.#applySnapshot(effect.snapshot);
    else if (effect.type === 'proposalsAppended') this.#tracked = effect;
    else if (effect.type === 'sendChunk') this.#sendChunk(effect);
    else if (effect.type === 'storeChunk') this.#storeChunk(effect);
    else if (effect.type === 'discardSnapshot') this.#transfers.delete(effect.snapshotId);
  }

  /** Saved before anything that promises it: effects come in the order they were decided. */
  #persist(write: Extract<Effect, { type: 'persist' }>): void {
    this.#saved.write(write);
    if (write.snapshot !== null) {
      const transfer = this.#transfers.get(write.snapshot.id) ?? NOTHING;
      this.#serviceSnapshot = decodeTransfer(transfer).snapshot;
    }
    this.#options.persister.save(this.#saved.encode(), this.#serviceSnapshot);
    this.#tell({ type: 'storage.persisted', writeId: write.writeId, now: this.#clock.now() });
  }

  /** A request is a call, whose reply is one more message; an answer is the reply of a call. */
  #send(message: Message): void {
    const frame = encodeFrame(message);
    if (message.type.endsWith('Response')) {
      this.#replyTo?.(frame);
      return;
    }
    this.#options.peers[Number(message.to)]?.call(frame).then((reply) => {
      if (reply === undefined || reply.byteLength === 0) return;
      const answer = decodeFrame(reply);
      if (answer !== 'unknown-kind') this.#tell({ type: 'rpc.received', message: answer });
    });
  }

  #apply(entries: readonly Entry[]): void {
    for (const { type, bytes, index } of entries) {
      if (type !== 'command') continue;
      const command = decoder.decode(bytes);
      this.#options.onApply({ commandValid: true, command, commandIndex: index });
    }
    const last = entries.at(-1);
    if (last !== undefined) this.#tell({ type: 'entries.applied', index: last.index });
  }

  #applySnapshot({ index, term }: SnapshotPointer): void {
    const snapshot = this.#serviceSnapshot ?? NOTHING;
    this.#options.onApply({
      snapshotValid: true,
      snapshot,
      snapshotIndex: index,
      snapshotTerm: term,
    });
    this.#tell({ type: 'entries.applied', index });
  }

  #keepTransfer(pointer: SnapshotPointer | null): void {
    const snapshot = this.#serviceSnapshot;
    if (pointer === null || snapshot === null) return;
    this.#transfers.set(pointer.id, encodeTransfer({ time: pointer.time, snapshot }));
  }

  #sendChunk({ to, term, requestId, snapshot, offset, lengthMax }: SendChunk): void {
    const transfer = this.#transfers.get(snapshot.id) ?? NOTHING;
    const bytes = transfer.slice(offset, offset + lengthMax);
    const { id, index, sizeBytes } = snapshot;
    const identity = { id, index, term: snapshot.term, sizeBytes };
    const isLast = offset + bytes.byteLength === sizeBytes;
    const envelope = { from: this.#id, to, term, requestId };
    const chunk = { ...envelope, snapshot: identity, offset, bytes, isLast };
    this.#send({ type: 'InstallSnapshot', ...chunk });
  }

  #storeChunk({ requestId, snapshot, offset, bytes, isLast }: StoreChunk): void {
    const { id: snapshotId, index, term, sizeBytes } = snapshot;
    const before = offset === 0 ? NOTHING : (this.#transfers.get(snapshotId) ?? NOTHING);
    const transfer = new Uint8Array([...before, ...bytes]);
    this.#transfers.set(snapshotId, transfer);
    const { configuration, settings } = this.#saved.base;
    const pointer = isLast
      ? {
          id: snapshotId,
          index,
          term,
          sizeBytes,
          configuration,
          settings,
          time: decodeTransfer(transfer).time,
        }
      : null;
    const nextOffset = offset + bytes.byteLength;
    this.#tell({ type: 'chunk.stored', snapshotId, requestId, nextOffset, snapshot: pointer });
  }
}
