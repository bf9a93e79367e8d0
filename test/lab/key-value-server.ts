/**
 * The course's key/value server (MIT 6.824, lab 3) on the course's door: gets, puts and appends go
 * through the log, and are answered where they were started once they are applied.
 */

import type { LogIndex, Term } from '../../machines/rules/entries.ts';
import type { ServerMachine } from '../../machines/server.ts';
import type { ApplyMsg, Peer, Persister, Raft } from '../../src/lab/index.ts';
import { makeFrom } from '../../src/lab/make.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Random } from '../../src/ports/random.ts';
import { claim } from './course-test.ts';
import { KeyValueState, type Mistake } from './key-value-state.ts';
import {
  type ClerkRequest,
  decodeRequest,
  encodeReply,
  requestFromCommand,
  requestToCommand,
  type ServerReply,
} from './key-value-wire.ts';

/** How often a server with requests under way asks whether it still leads. */
const LEADERSHIP_CHECK_MS = 50;

export interface KeyValueServerOptions {
  readonly me: number;
  readonly peers: (Peer | null)[];
  readonly persister: Persister;
  readonly clock: Clock;
  readonly random: Random;
  readonly machine: ServerMachine;
  /** Bytes of Raft state from which on a snapshot is taken; −1 for never. */
  readonly maxRaftState: number;
  readonly mistake: Mistake | null;
  /** The service cannot go on. */
  readonly onFailure: (error: unknown) => void;
}

/** A request that was started here and waits to be applied. */
interface Pending {
  readonly request: ClerkRequest;
  readonly term: Term;
  readonly answer: (reply: ServerReply) => void;
}

export class KeyValueServer {
  readonly raft: Raft;
  readonly #options: KeyValueServerOptions;
  readonly #state: KeyValueState;
  readonly #inbox: ApplyMsg[] = [];
  readonly #pending = new Map<LogIndex, Pending>();
  #lastApplied = 0;
  #snapshotsRestored = 0;
  #isApplying = false;
  #isWatching = false;
  #isKilled = false;

  constructor(options: KeyValueServerOptions) {
    this.#options = options;
    this.#state = new KeyValueState(options.mistake);
    const { machine, me, peers, persister, clock, random } = options;
    const onApply = (message: ApplyMsg) => this.#receive(message);
    this.raft = makeFrom(machine, { me, peers, persister, clock, random, onApply });
  }

  /** A clerk's request; the answer comes when it is applied, or when it will not be here. */
  async handle(bytes: Uint8Array): Promise<Uint8Array> {
    const request = decodeRequest(bytes);
    const { mistake } = this.#options;
    const { type, key } = request.operation;
    if (mistake === 'reads without the log' && type === 'get' && this.raft.getState().isLeader) {
      return encodeReply({ value: this.#state.read(key) });
    }
    const { index, term, isLeader } = this.raft.start(requestToCommand(request));
    if (!isLeader) return encodeReply('elsewhere');
    this.#settle(index, 'elsewhere');
    const answered = new Promise<ServerReply>((answer) => {
      this.#pending.set(index, { request, term, answer });
    });
    if (!this.#isWatching) this.#watchLeadership();
    return encodeReply(await answered);
  }

  /** Snapshots it was given since it was started. */
  get snapshotsRestored(): number {
    return this.#snapshotsRestored;
  }

  kill(): void {
    this.#isKilled = true;
    this.raft.kill();
  }

  #settle(index: LogIndex, reply: ServerReply): void {
    const pending = this.#pending.get(index);
    this.#pending.delete(index);
    pending?.answer(reply);
  }

  /** Who lost leadership may never apply what it started: the clerk asks elsewhere (§8). */
  #watchLeadership(): void {
    this.#isWatching = true;
    this.#options.clock.setTimeout(() => {
      this.#isWatching = false;
      if (this.#isKilled) return;
      const { term, isLeader } = this.raft.getState();
      for (const [index, pending] of this.#pending) {
        if (!isLeader || pending.term !== term) this.#settle(index, 'elsewhere');
      }
      if (this.#pending.size > 0) this.#watchLeadership();
    }, LEADERSHIP_CHECK_MS);
  }

  /** The channel of the course: Raft goes on at once, and the service takes what comes in order. */
  #receive(message: ApplyMsg): void {
    this.#inbox.push(message);
    if (this.#isApplying) return;
    this.#isApplying = true;
    Promise.resolve()
      .then(() => this.#applyAll())
      .catch(this.#options.onFailure);
  }

  async #applyAll(): Promise<void> {
    for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
      if (this.#isKilled) return;
      if ('snapshotValid' in next) await this.#restore(next.snapshotIndex, next.snapshot);
      else this.#apply(next.commandIndex, next.command);
      if (this.#inbox.length === 0) await this.#takeSnapshotIfDue();
    }
    this.#isApplying = false;
  }

  #apply(index: LogIndex, command: string): void {
    const next = this.#lastApplied + 1;
    claim(index === next, `entry ${index} is applied where ${next} comes next`);
    this.#lastApplied = index;
    const request = requestFromCommand(command);
    const value = this.#state.apply(index, request);
    const pending = this.#pending.get(index);
    if (pending === undefined) return;
    const { clerk, sequence } = pending.request;
    const isOwn = clerk === request.clerk && sequence === request.sequence;
    this.#settle(index, isOwn ? { value } : 'elsewhere');
  }

  async #takeSnapshotIfDue(): Promise<void> {
    const { maxRaftState, persister, mistake } = this.#options;
    if (mistake === 'takes no snapshots') return;
    if (maxRaftState < 0 || persister.raftStateSize() < maxRaftState) return;
    this.raft.snapshot(this.#lastApplied, await this.#state.snapshot());
  }

  async #restore(index: LogIndex, snapshot: Uint8Array): Promise<void> {
    const isAhead = index > this.#lastApplied;
    claim(isAhead, `a snapshot of ${index} takes a service back that is at ${this.#lastApplied}`);
    this.#snapshotsRestored += 1;
    await this.#state.restore(snapshot);
    this.#lastApplied = index;
    for (const started of this.#pending.keys()) {
      if (started <= index) this.#settle(started, 'elsewhere');
    }
  }
}
