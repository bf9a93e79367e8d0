/**
 * The course's own interface (MIT 6.824 / 6.5840, lab 2) over the host of every server: `Make`, `Start`,
 * `GetState`, `Snapshot`, `Kill`, calls that answer, a persister.
 *
 * A thin adapter: it changes no rule and no order of durability. What differs is timing (ten heartbeats
 * a second), no trailing entries, and no empty entry of a new leader, since the course counts indexes.
 */
import { NEVER, Subject } from 'rxjs';
import type { ProposalsAppended } from '../../machines/rules/effects.ts';
import type { LogIndex, Term } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import { DEFAULT_PARAMETERS, type Parameters } from '../../machines/rules/parameters.ts';
import type { SnapshotPointer } from '../../machines/rules/state.ts';
import { type ServerMachine, serverMachine } from '../../machines/server.ts';
import { decodeFrame, encodeFrame } from '../formats/message-frame.ts';
import { Engine } from '../host/engine.ts';
import { joined } from '../host/state-machine.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import type { Transport } from '../ports/transport.ts';
import type { Persister } from './persister.ts';
import { PersisterStorage } from './persister-storage.ts';

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
    // Ten heartbeats: on the course's unreliable network most answers are late.
    quorumCheckIntervalMs: 1_000,
  },
  snapshotAfterEntries: Number.POSITIVE_INFINITY,
  snapshotAfterBytesMin: Number.POSITIVE_INFINITY,
  snapshotAfterBytes: Number.POSITIVE_INFINITY,
  trailingEntries: 0,
  trailingBytes: Number.POSITIVE_INFINITY,
  chunkBytes: 4 * 1024 * 1024,
  appendsEmptyEntry: false,
};

const realTime: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (id) => clearTimeout(id),
};

const NOTHING = new Uint8Array(0);
/** The number of a batch that no call waits for: `start` has its answer at once. */
const NO_CALLS = -1;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Starts a server from what its persister holds. */
export function make(options: MakeOptions): Raft {
  return makeFrom(serverMachine, options);
}

/** The same with another machine: a broken one, which the course's tests must notice. */
export function makeFrom(machine: ServerMachine, options: MakeOptions): Raft {
  return new LabServer(machine, options);
}

class LabServer implements Raft {
  readonly #engine: Engine;
  readonly #transport: CallTransport;
  readonly #storage: PersisterStorage;
  readonly #onApply: MakeOptions['onApply'];
  #appended: ProposalsAppended | null = null;
  /** The snapshots that are about to replace the service's state, in order. */
  readonly #restores: SnapshotPointer[] = [];

  constructor(machine: ServerMachine, options: MakeOptions) {
    const { me, peers, persister, clock = realTime, random = { next: Math.random } } = options;
    this.#onApply = options.onApply;
    this.#transport = new CallTransport(peers, clock);
    this.#storage = new PersisterStorage(persister, peers.length);
    const { stored } = this.#storage;
    if (stored.snapshot !== null) this.#restores.push(stored.snapshot);
    this.#engine = new Engine(
      {
        ...{ id: String(me), clusterId: 'lab', base: null, parameters: LAB_PARAMETERS },
        ...{ machine, storage: this.#storage, transport: this.#transport, clock, random },
        stateMachine: () => this.#service(),
        observer: {
          onEffect: (effect) => {
            if (effect.type === 'persist') this.#storage.save(effect);
            else if (effect.type === 'proposalsAppended') this.#appended = effect;
            else if (effect.type === 'restore') this.#restores.push(effect.snapshot);
          },
        },
      },
      stored,
    );
    // A bug stops the server, and is thrown where nobody can catch it: out of a timer.
    this.#engine.reports.failed$.subscribe((error) => {
      clock.setTimeout(() => {
        throw error;
      }, 0);
    });
    void this.#engine.start();
  }

  /** The course's service as a state machine: it is told of commands, and makes snapshots unasked. */
  #service(): StateMachine {
    return {
      commands: {
        encode: (command) => encoder.encode(command as string),
        decode: (bytes) => decoder.decode(bytes),
      },
      apply: (command, { index: commandIndex }) =>
        this.#onApply({ commandValid: true, command: command as string, commandIndex }),
      query: () => undefined,
      snapshot: () => [],
      restore: async (chunks) => {
        const snapshot = await joined(chunks);
        const { index, term } = this.#restores.shift() as SnapshotPointer;
        const at = { snapshotIndex: index, snapshotTerm: term };
        this.#onApply({ snapshotValid: true, snapshot, ...at });
      },
    };
  }

  start(command: string): { index: LogIndex; term: Term; isLeader: boolean } {
    this.#appended = null;
    const proposals = [{ type: 'command', bytes: encoder.encode(command) } as const];
    const now = this.#engine.clock.now();
    this.#engine.send({ type: 'client.proposed', batch: NO_CALLS, now, proposals });
    const appended = this.#appended as ProposalsAppended | null;
    if (appended === null) return { index: 0, term: this.getState().term, isLeader: false };
    return { index: appended.index, term: appended.term, isLeader: true };
  }

  getState(): { term: Term; isLeader: boolean } {
    const { isStopped, state } = this.#engine;
    return { term: state.currentTerm, isLeader: state.leadership !== null && !isStopped };
  }

  snapshot(index: LogIndex, snapshot: Uint8Array): void {
    const { isStopped, state } = this.#engine;
    const { log, snapshot: inForce, id: server } = state;
    const entry = log.entryAt(index);
    if (isStopped || entry === undefined || index <= (inForce?.index ?? 0)) return;
    const { term, time } = entry;
    const configuration = log.configurationAt(index);
    const settings = log.settingsAt(index);
    const header = { id: `${server}-${term}-${index}`, index, term, time, configuration, settings };
    const sizeBytes = this.#storage.add(header, snapshot);
    this.#engine.send({ type: 'snapshot.taken', snapshot: { ...header, sizeBytes } });
  }

  async receive(request: Uint8Array): Promise<Uint8Array> {
    const message = decodeFrame(request);
    if (message === 'unknown-kind' || this.#engine.isStopped) return NOTHING;
    return this.#transport.receive(message);
  }

  kill(): void {
    void this.#engine.shutDown();
  }
}

/** The course's calls as a transport: a request is a call, and its reply one more message. */
class CallTransport implements Transport {
  readonly received$ = new Subject<Message>();
  readonly connections$ = NEVER;
  readonly #peers: MakeOptions['peers'];
  readonly #clock: Clock;
  /** How a request is replied to, by who asked and its number. */
  readonly #replies = new Map<string, (frame: Uint8Array) => void>();

  constructor(peers: MakeOptions['peers'], clock: Clock) {
    this.#peers = peers;
    this.#clock = clock;
  }

  async open(): Promise<void> {}

  async close(): Promise<void> {}

  send(message: Message): void {
    const frame = encodeFrame(message);
    if (message.type.endsWith('Response')) {
      this.#replies.get(`${message.to} ${message.requestId}`)?.(frame);
      return;
    }
    this.#peers[Number(message.to)]?.call(frame).then((reply) => {
      if (reply === undefined || reply.byteLength === 0) return;
      const answer = decodeFrame(reply);
      if (answer !== 'unknown-kind') this.received$.next(answer);
    });
  }

  /** All that the persister does is done within a turn: what has no reply by the next gets none. */
  receive(message: Message): Promise<Uint8Array> {
    return new Promise((resolve) => {
      const key = `${message.from} ${message.requestId}`;
      const reply = (frame: Uint8Array) => {
        this.#clock.clearTimeout(timer);
        this.#replies.delete(key);
        resolve(frame);
      };
      const timer = this.#clock.setTimeout(() => reply(NOTHING), 0);
      this.#replies.set(key, reply);
      this.received$.next(message);
    });
  }
}
