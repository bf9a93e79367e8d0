/**
 * One run as it happens: a cluster of the real machines in virtual time, event by event. It only
 * goes forwards; `recording.ts` makes a tape of it.
 *
 * An event is one thing that the user did, or as much virtual time as it takes until something has
 * happened that one can see: a line in the trace, a transition, the end of a message's way.
 */

import type { ServerMachine } from '../../machines/server.ts';
import type { Happening } from '../feed/happenings.ts';
import { PropertyViolation, ServerFailed, simulate } from '../simulation/index.ts';
import type { Action } from './action.ts';
import { type Setting, simulationOf } from './beginning.ts';
import { ClientCalls } from './client-calls.ts';
import type { Cluster } from './cluster.ts';
import type { ClientCall, Frame } from './frame.ts';
import { happeningsOfAction, happeningsOfCalls, happeningsOfLandings } from './outside.ts';
import { FollowedKeyValue } from './pairs.ts';
import { perform } from './perform.ts';
import { ServerFrames, shared, sharedList } from './server-frames.ts';
import { Watcher } from './watcher.ts';

export interface WorldOptions {
  readonly seed: number;
  readonly servers: number;
  readonly setting: Setting;
  /** The server machine with parts replaced. */
  readonly machine?: ServerMachine | undefined;
}

const NOTHING: readonly never[] = [];

export class World {
  readonly cluster: Cluster;
  readonly #watcher = new Watcher();
  readonly #calls: ClientCalls;
  readonly #servers = new ServerFrames();
  #fromOutside: readonly Happening[] = NOTHING;
  /** As they were at the last event. */
  #callsBefore: readonly ClientCall[] = NOTHING;
  #violation: Frame['violation'] = null;

  constructor({ seed, servers, setting, machine }: WorldOptions) {
    this.cluster = simulate({
      seed,
      servers,
      stateMachine: () => new FollowedKeyValue(),
      ...simulationOf(setting),
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
    this.#fromOutside = happeningsOfAction(action, this.cluster);
    await this.#guarded(() => {
      perform(action, this.cluster, this.#calls);
      return this.cluster.settle();
    });
  }

  /** After the present event; what was gathered for it is forgotten. */
  frame(number: number, action: Action | null, previous: Frame | undefined): Frame {
    const { cluster } = this;
    const { landings, taken } = this.#watcher;
    const { groups, blocked } = cluster.cuts();
    const servers = cluster.servers.map((server, at) =>
      this.#servers.frameOf(server, this.#watcher.stateMachineOf(server.id), previous?.servers[at]),
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
      happenings: this.#happenings(),
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

  #happenings(): readonly Happening[] {
    const happenings = [
      ...this.#fromOutside,
      ...this.#watcher.happenings,
      ...happeningsOfLandings(this.#watcher.landings),
      ...happeningsOfCalls(this.#calls.calls, this.#callsBefore),
    ];
    return happenings.length === 0 ? NOTHING : happenings;
  }

  async #guarded(task: () => Promise<void>): Promise<void> {
    try {
      await task();
    } catch (error) {
      this.#violation ??= violationOf(error);
    }
  }
}

function violationOf(error: unknown): NonNullable<Frame['violation']> {
  if (error instanceof PropertyViolation) {
    return { invariant: error.invariant, sentence: error.sentence };
  }
  const sentence = error instanceof ServerFailed ? error.sentence : String(error);
  return { invariant: 'Failure', sentence: sentence.replaceAll(/\s*\n\s*/g, ' ') };
}
