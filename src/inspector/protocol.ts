/**
 * What an inspected server tells a page: records, one JSON object each, in the order in which things
 * happened. A WebSocket message is one record or several, a line each; a trace file is the same
 * records with a header (`trace.ts`). docs/formats.md has the list.
 */

export const INSPECTION_FORMAT = 'statecraft-inspection';
export const INSPECTION_VERSION = 1;
/** What a page offers as subprotocols: what it speaks, and the token it shows, never in a URL. */
export const INSPECTION_SUBPROTOCOL = 'statecraft.inspection';
export const TOKEN_PREFIX = 'statecraft.token.';
/** Close codes: no token that counts was shown, or one that is not good for this. */
export const UNAUTHENTICATED = 4401;
export const FORBIDDEN = 4403;

/** Where a server's socket is, below its client address. */
export const SOCKET_PATH = '/inspect/socket';

/** A value shown to people: plain JSON, bounded in depth, length and size (`readable.ts`). */
export type Readable =
  | string
  | number
  | boolean
  | null
  | readonly Readable[]
  | { readonly [key: string]: Readable };

/** Fields of a context by name. A context that is no object is one field, `value`. */
export type ReadableFields = { readonly [field: string]: Readable };

/** A machine's state value as XState has it; null for actors without one. */
export type StateValue = string | { readonly [state: string]: StateValue } | null;

interface Happened {
  /** Milliseconds since 1970, with fractions: servers of one machine agree to about one of them. */
  readonly atMs: number;
}

/** The first record of every connection; what is present follows as `actor` records. */
export interface HelloRecord extends Happened {
  readonly type: 'hello';
  readonly format: typeof INSPECTION_FORMAT;
  readonly version: typeof INSPECTION_VERSION;
  /** `server`: a server of a cluster. `actors`: the user's own actors. */
  readonly source: 'server' | 'actors';
  /** The server's id, or what the actors' process calls itself. */
  readonly id: string;
  readonly clusterId: string;
  /** Where to open further sockets, this server's own included; '' while unknown. */
  readonly members: readonly { readonly id: string; readonly clientAddress: string }[];
  readonly software: string;
  readonly pid: number;
}

/** Where an actor stands: whole in `actor`, and again after its transitions were dropped. */
interface Standing {
  /** Unique among those present; the names of its ancestors and its own, joined by `/`. */
  readonly actor: string;
  readonly value: StateValue;
  /** Ids of the active states, outermost first, as the chart has them. */
  readonly active: readonly string[];
}

/** An actor is present: from before, or from now on. It replaces any other of the same name. */
export interface ActorRecord extends Happened, Standing {
  readonly type: 'actor';
  readonly parent: string | null;
  /** The machine's name, by which its chart is known; '' for a promise, a callback and the like. */
  readonly machine: string;
  readonly context: ReadableFields;
}

/** The chart of one of the user's own machines, laid out by `src/diagram`. */
export interface ChartRecord {
  readonly type: 'chart';
  readonly machine: string;
  readonly chart: Readable;
}

/** One event handled to its end, with everything it set off in that actor (a macrostep). */
export interface TransitionRecord extends Happened, Standing {
  readonly type: 'transition';
  /** Counted from 1 for each connection; those that were dropped are counted too. */
  readonly number: number;
  /** With its payload beside its type. */
  readonly event: { readonly type: string; readonly [field: string]: Readable };
  /** The actor that sent it; null for the outside and for the actor's own delays. */
  readonly from: string | null;
  /** Ids of the transitions taken, in order; none when the event was ignored. */
  readonly transitions: readonly string[];
  readonly before: StateValue;
  /** The context's fields that are different since the last record of this actor. */
  readonly changes: ReadableFields;
  /** What it emitted meanwhile. Of a server: its effects, among them `send` with each message. */
  readonly emitted: readonly Readable[];
}

/** So many transitions happened here and were dropped: too many at once, or the page is too slow. */
export interface DroppedRecord extends Happened {
  readonly type: 'dropped';
  readonly count: number;
  /** What most of them were, most first; absent in older traces. */
  readonly of?: readonly CountedTogether[];
}

/** Transitions of one actor and one kind. */
export interface CountedTogether {
  readonly actor: string;
  /** An event's type, a message's type, or another name for what it was, such as `heartbeat`. */
  readonly kind: string;
  readonly count: number;
}

/** Where an actor stands after transitions of it were dropped. */
export interface StateRecord extends Happened, Standing {
  readonly type: 'state';
  readonly changes: ReadableFields;
}

/** An actor has reached its end, or was stopped. */
export interface StoppedRecord extends Happened {
  readonly type: 'stopped';
  readonly actor: string;
  readonly status: 'done' | 'stopped';
  readonly output: Readable;
}

/** An actor has failed; null: the server has, and stops. */
export interface FailedRecord extends Happened {
  readonly type: 'failed';
  readonly actor: string | null;
  readonly message: string;
}

/** The last record: the server stops, and says so. */
export interface EndedRecord extends Happened {
  readonly type: 'ended';
  readonly why: string;
}

/** Answers the page's `ping`. */
export interface PongRecord extends Happened {
  readonly type: 'pong';
}

/** One thing that a page is sent: look at `type` first. */
export type InspectionRecord =
  | HelloRecord
  | ActorRecord
  | ChartRecord
  | TransitionRecord
  | DroppedRecord
  | StateRecord
  | StoppedRecord
  | FailedRecord
  | EndedRecord
  | PongRecord;
