/**
 * One run as it happens: a cluster of the real machines in virtual time, event by event. It only
 * goes forwards; `recording.ts` makes a tape of it.
 *
 * An event is one thing that the user did, or as much virtual time as it takes until something has
 * happened that one can see: a line in the trace, a transition, the end of a message's way.
 */

import type { ServerId } from '../../machines/rules/entries.ts';
import type { Parameters, Timing } from '../../machines/rules/parameters.ts';
import type { ServerMachine } from '../../machines/server.ts';
import type { FeedFact } from '../feed/feed-fact.ts';
import {
  type PreparedDisk,
  PropertyViolation,
  ServerFailed,
  simulate,
} from '../simulation/index.ts';
import type { Action, ServerVerb } from './action.ts';
import { ClientCalls } from './client-calls.ts';
import type { ClientCall, Frame } from './frame.ts';
import { type Cluster, type ClusterServer, FollowedKeyValue } from './key-value-cluster.ts';
import { factsOfAction, factsOfCalls, factsOfLandings } from './outside.ts';
import { serverFrameOf, shared, sharedList } from './server-frames.ts';
import { Watcher } from './watcher.ts';

/** Slow enough that at a tenth of the speed messages are seen to travel. */
const TIMING: Timing = {
  heartbeatIntervalMs: 100,
  electionTimeoutMinMs: 300,
  electionTimeoutMaxMs: 600,
  lostLeaderWaitMaxMs: 80,
};
const LATENCY = { minMs: 20, maxMs: 40 };
const DISK = { writeMs: { minMs: 2, maxMs: 5 }, readMs: { minMs: 0.5, maxMs: 1 } };
/** Few entries, so that one sees that a log is cut at all. */
const TRAILING_ENTRIES = 2;
/** Few lines are ever read, to tell of an error; the hash covers all. */
const TRACE_LINES_MAX = 100;

/** The cluster before its first event. */
export interface Beginning {
  readonly seed: number;
  /** How many; they are named a, b, c … */
  readonly servers: number;
  /** From one server to another. */
  readonly latency?: { readonly minMs: number; readonly maxMs: number };
  readonly timing?: Partial<Timing>;
  readonly parameters?: Partial<Omit<Parameters, 'timing'>>;
  /** Disks that are not empty. */
  readonly disks?: Readonly<Record<ServerId, PreparedDisk>>;
  /** Whether the others hear at once that a server has crashed. Default true. */
  readonly areCrashesNoticed?: boolean;
}

/** Where it differs from an empty cluster with the playground's own timing. */
export type Setting = Omit<Beginning, 'seed' | 'servers'>;

export interface WorldOptions extends Beginning {
  /** The server machine with parts replaced. */
  readonly machine?: ServerMachine | undefined;
}

const NOTHING: readonly never[] = [];

export class World {
  readonly cluster: Cluster;
  readonly #watcher = new Watcher();
  readonly #calls: ClientCalls;
  #fromOutside: readonly FeedFact[] = NOTHING;
  /** As they were at the last event. */
  #callsBefore: readonly ClientCall[] = NOTHING;
  #violation: Frame['violation'] = null;

  constructor({ seed, servers, machine, ...setting }: WorldOptions) {
    const { timing, latency = LATENCY, parameters, disks, areCrashesNoticed = true } = setting;
    this.cluster = simulate({
      ...{ seed, servers, latency, areCrashesNoticed },
      stateMachine: () => new FollowedKeyValue(),
      timing: { ...TIMING, ...timing },
      parameters: { trailingEntries: TRAILING_ENTRIES, ...parameters },
      ...(disks && { disks }),
      disk: DISK,
      followsTimers: true,
      traceLinesMax: TRACE_LINES_MAX,
      observer: this.#watcher,
      inspect: this.#watcher.inspect,
      ...(machine && { machine }),
    });
    this.#calls = new ClientCalls(this.cluster);
  }

  /** Whether it has ended: an invariant fell, or a server failed by itself. */
  get isOver(): boolean {
    return this.#violation !== null;
  }

  /** Until every server has read its disk and waits. */
  async begin(): Promise<void> {
    await this.#guarded(async () => {
      while (this.cluster.servers.some(({ snapshot }) => snapshot === null)) {
        if (!(await this.cluster.step())) return;
      }
    });
  }

  /**
   * The next event that happens by itself; false when nothing does any more. The last one may be that
   * the remaining timers run out and nothing comes of it: time that has passed is an event, or the
   * script would not tell when the next action was.
   */
  async step(): Promise<boolean> {
    if (this.isOver) return false;
    const { cluster } = this;
    const { traceLength } = cluster;
    const { calls } = this.#calls;
    let hasHappened = false;
    await this.#guarded(async () => {
      const isVisible = () =>
        cluster.traceLength > traceLength || this.#watcher.hasSeen || this.#calls.calls !== calls;
      while (!isVisible() && (await cluster.step())) hasHappened = true;
    });
    return hasHappened || this.isOver;
  }

  /** What the user does is an event; no time passes. */
  async act(action: Action): Promise<void> {
    this.#fromOutside = factsOfAction(action, this.cluster);
    await this.#guarded(() => {
      this.#perform(action);
      return this.cluster.settle();
    });
  }

  /** What means nothing just now does nothing. */
  #perform(action: Action): void {
    const { cluster } = this;
    if ('key' in action) this.#calls.begin(action);
    else if ('server' in action) perform[action.type](cluster.at(action.server));
    else if (action.type === 'drop') cluster.drop(action.flight);
    else if (action.type === 'cut') cluster.block(action.from, action.to);
    else if (action.type === 'restore') cluster.unblock(action.from, action.to);
    else if (action.type === 'partition') cluster.partition(...action.groups);
    else cluster.heal();
  }

  /** After the present event; what was gathered for it is forgotten. */
  frame(number: number, action: Action | null, previous: Frame | undefined): Frame {
    const { cluster } = this;
    const { landings, taken } = this.#watcher;
    const { groups, blocked } = cluster.cuts();
    const servers = cluster.servers.map((server, at) =>
      serverFrameOf(server, this.#watcher.stateMachineOf(server.id), previous?.servers[at]),
    );
    const frame: Frame = {
      number,
      atMs: cluster.clock.now(),
      action,
      servers: sharedList(servers, previous?.servers),
      flights: cluster.inFlight(),
      landings: landings.length === 0 ? NOTHING : landings,
      cuts: shared({ groups, blocked }, previous?.cuts),
      calls: this.#calls.calls,
      facts: this.#facts(),
      taken: taken.length === 0 ? NOTHING : taken,
      checks: shared(cluster.referee.counts(), previous?.checks),
      violation: this.#violation,
      traceHash: cluster.hash(),
    };
    this.pass();
    return frame;
  }

  /** Instead of a frame: the event is only passed by. */
  pass(): void {
    this.#watcher.forget();
    this.#fromOutside = NOTHING;
    this.#callsBefore = this.#calls.calls;
  }

  #facts(): readonly FeedFact[] {
    const facts = [
      ...this.#fromOutside,
      ...this.#watcher.facts,
      ...factsOfLandings(this.#watcher.landings),
      ...factsOfCalls(this.#calls.calls, this.#callsBefore),
    ];
    return facts.length === 0 ? NOTHING : facts;
  }

  async #guarded(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      this.#violation ??= violationOf(error);
    }
  }
}

const perform: Readonly<Record<ServerVerb, (server: ClusterServer) => void>> = {
  stop: (server) => void server.shutDown(),
  crash: (server) => server.crash(),
  restart: (server) => server.restart(),
  pause: (server) => server.stop(),
  resume: (server) => server.resume(),
  timeOut: (server) => server.timeOut(),
  takeSnapshot: (server) => void server.takeSnapshot(),
};

function violationOf(error: unknown): NonNullable<Frame['violation']> {
  if (error instanceof PropertyViolation) {
    return { invariant: error.invariant, sentence: error.sentence };
  }
  const sentence = error instanceof ServerFailed ? error.sentence : String(error);
  return { invariant: 'Failure', sentence: sentence.replaceAll(/\s*\n\s*/g, ' ') };
}
