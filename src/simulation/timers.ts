/** The statechart delays that are running in one life of a server, with the virtual time of each. */
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

/** A delay as XState keeps it. */
export interface ScheduledDelay {
  readonly delay: string;
  readonly state: string;
  readonly durationMs: number;
  readonly event: { readonly type: string };
  readonly source: AnyActorRef;
  /** The same object as long as the same timer runs. */
  readonly identity: object;
}

const AFTER = /^xstate\.after\.([^.]+)\.(.+)$/;

/** What is scheduled in the actor system of that root. */
export function scheduledDelays(root: AnyActorRef): readonly ScheduledDelay[] {
  return Object.values(root.system.getSnapshot()._scheduledEvents).flatMap((scheduled) => {
    const { event, source, delay: durationMs } = scheduled;
    const [, delay, state] = AFTER.exec(event.type) ?? [];
    if (delay === undefined || state === undefined) return [];
    return [{ delay, state, durationMs, event, source, identity: scheduled }];
  });
}

/**
 * XState notes only the wall-clock time at which a timer was set, so an account looks at the system
 * at the end of every instant: what it has not seen before has been set at that instant.
 */
export class TimerAccount {
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
    const timers = scheduledDelays(root).map((scheduled) => this.#timerOf(scheduled, root, nowMs));
    const isSame =
      timers.length === this.#timers.length &&
      timers.every((timer) => this.#timers.includes(timer));
    if (!isSame) this.#timers = timers.sort(byActor);
  }

  #timerOf(scheduled: ScheduledDelay, root: AnyActorRef, startedAtMs: number): RunningTimer {
    const { identity, delay, state, durationMs, source } = scheduled;
    const known = this.#known.get(identity);
    if (known !== undefined) return known;
    const actor = source === root ? 'server' : source.id;
    const dueAtMs = this.#dueAfter(durationMs);
    const timer = { actor, delay, state, startedAtMs, dueAtMs };
    this.#known.set(identity, timer);
    return timer;
  }
}

function byActor(a: RunningTimer, b: RunningTimer): number {
  const rank = ({ actor, state }: RunningTimer) => `${actor === 'server' ? '' : actor}/${state}`;
  return rank(a) < rank(b) ? -1 : 1;
}
