/** The statechart delays that are running in one run of a server, with the virtual time of each. */
import type { AnyActorRef } from 'xstate';

/** A statechart delay that is running. */
export interface RunningTimer {
  /** `server`, or the follower whose replication actor it belongs to. */
  readonly actor: string;
  /** The delay's name, e.g. `electionTimeout`. */
  readonly delay: string;
  /** The id of the state whose arrow it is. */
  readonly state: string;
  readonly startedAtMs: number;
  /** In the past when the process was stopped meanwhile. */
  readonly dueAtMs: number;
}

/** A delay as XState keeps it: the same object as long as the same timer runs. */
type Scheduled = ReturnType<AnyActorRef['system']['getSnapshot']>['_scheduledEvents'][string];

const AFTER = /^xstate\.after\.([^.]+)\.(.+)$/;

/** The running timer of a root's own that stands for one of those delays. */
export function scheduledFor(root: AnyActorRef, delays: readonly string[]): Scheduled | undefined {
  return Object.values(root.system.getSnapshot()._scheduledEvents).find(
    ({ source, event }) => source === root && delays.includes(AFTER.exec(event.type)?.[1] ?? ''),
  );
}

/**
 * XState notes only the wall-clock time at which a timer was set, so an account looks at the system
 * at the end of every instant: what it has not seen before has been set at that instant.
 */
export class TimerTracker {
  readonly #dueAfter: (durationMs: number) => number;
  readonly #known = new WeakMap<object, RunningTimer>();
  #timers: readonly RunningTimer[] = [];

  /** @param dueAfter when a timer of that duration falls due that is set just now */
  constructor(dueAfter: (durationMs: number) => number) {
    this.#dueAfter = dueAfter;
  }

  /** By actor, the server's own first; the same list while the same timers run. */
  get timers(): readonly RunningTimer[] {
    return this.#timers;
  }

  /** To be called at the end of every instant. */
  follow(root: AnyActorRef, nowMs: number): void {
    const scheduled = root.system.getSnapshot()._scheduledEvents;
    const timers: RunningTimer[] = [];
    for (const name in scheduled) {
      const timer = this.#timerOf(scheduled[name]!, root, nowMs);
      if (timer !== null) timers.push(timer);
    }
    const isSame =
      timers.length === this.#timers.length &&
      timers.every((timer) => this.#timers.includes(timer));
    if (!isSame) this.#timers = timers.sort(byActor);
  }

  #timerOf(scheduled: Scheduled, root: AnyActorRef, startedAtMs: number): RunningTimer | null {
    const known = this.#known.get(scheduled);
    if (known !== undefined) return known;
    const { event, source, delay: durationMs } = scheduled;
    const [, delay, state] = AFTER.exec(event.type) ?? [];
    if (delay === undefined || state === undefined) return null;
    const actor = source === root ? 'server' : source.id;
    const timer = { actor, delay, state, startedAtMs, dueAtMs: this.#dueAfter(durationMs) };
    this.#known.set(scheduled, timer);
    return timer;
  }
}

function byActor(a: RunningTimer, b: RunningTimer): number {
  const rank = ({ actor, state }: RunningTimer) => `${actor === 'server' ? '' : actor}/${state}`;
  return rank(a) < rank(b) ? -1 : 1;
}
