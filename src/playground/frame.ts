/**
 * A run after one of its events: everything the page draws, as values that never change. Event
 * 0 is the start; every other one is something that happened by itself, or something the user did.
 */

import type { LogIndex, ServerId, Term } from '../../machines/rules/entries.ts';
import type { Log } from '../../machines/rules/log.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import type { Role } from '../../machines/server.ts';
import type { FeedFact } from '../feed/feed-fact.ts';
import type { Outcome } from '../ports/outcome.ts';
import type { DeliveryOutcome, Flight, RefereeCounts, RunningTimer } from '../simulation/index.ts';
import type { Action, ClientAction } from './action.ts';

export type { Flight, RunningTimer as Timer } from '../simulation/index.ts';

export interface Frame {
  /** The event's number: 0, 1, 2 … */
  readonly number: number;
  /** Virtual time. */
  readonly atMs: number;
  /** What was done from outside, by the user or a scenario, if that was the event. */
  readonly action: Action | null;
  /** Sorted by id. */
  readonly servers: readonly ServerFrame[];
  /** Messages on their way after the event, in the order they were sent. */
  readonly flights: readonly Flight[];
  /** Messages whose way has ended with this event. */
  readonly landings: readonly Landing[];
  readonly cuts: NetworkCuts;
  /** The client's calls of the last while, oldest first. */
  readonly calls: readonly ClientCall[];
  /** What happened and why, for the feed. */
  readonly facts: readonly FeedFact[];
  /** Transitions taken with this event, in order. */
  readonly taken: readonly Taken[];
  /** How much the referee has looked at, up to here. */
  readonly checks: RefereeCounts;
  /** The first invariant that fell, if one did: the run ends there. */
  readonly violation: { readonly invariant: string; readonly sentence: string } | null;
  /** Of the whole trace up to here. */
  readonly traceHash: string;
}

export interface ServerFrame {
  readonly id: ServerId;
  readonly condition: 'running' | 'paused' | 'down';
  readonly role: Role;
  /** The protocol's state; null while it is down. */
  readonly state: ServerState | null;
  readonly currentTerm: Term;
  readonly votedFor: ServerId | null;
  /** In memory; while it is down, as on its disk. */
  readonly log: Log;
  readonly disk: {
    readonly term: Term;
    readonly votedFor: ServerId | null;
    readonly lastIndex: LogIndex;
    readonly snapshotIndex: LogIndex;
    readonly isWriting: boolean;
  };
  readonly appliedIndex: LogIndex;
  /** Keys and values as applied here, by key. */
  readonly pairs: readonly { readonly key: string; readonly value: string }[];
  /** The server machine's active states, by their ids in the chart. */
  readonly activeStates: readonly string[];
  /** While leading: one for each follower, by id. */
  readonly followers: readonly FollowerFrame[];
  readonly timers: readonly RunningTimer[];
}

/** What the replication actor for that follower believes. */
export interface FollowerFrame {
  readonly id: ServerId;
  readonly nextIndex: LogIndex;
  readonly matchIndex: LogIndex;
  readonly activeStates: readonly string[];
}

export interface Landing {
  readonly flight: Flight;
  readonly outcome: DeliveryOutcome;
}

export interface NetworkCuts {
  readonly groups: readonly (readonly ServerId[])[] | null;
  /** Directions, `[from, to]`. */
  readonly blocked: readonly (readonly [ServerId, ServerId])[];
}

export interface ClientCall {
  readonly number: number;
  readonly action: ClientAction;
  /** Null until it has settled; the text is the value read, or what a write gave. */
  readonly outcome: (Outcome<unknown> & { readonly text?: string }) | null;
}

export interface Taken {
  readonly server: ServerId;
  /** `server`, or the follower whose replication actor took it. */
  readonly actor: string;
  /** Ids of transitions, as the chart has them. */
  readonly transitions: readonly string[];
}
