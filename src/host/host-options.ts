/** What a host is made of: one server's ports, its parameters, and observers. */
import type { InspectionEvent } from 'xstate';
import type { Effect } from '../../machines/rules/effects.ts';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { LogBase } from '../../machines/rules/log.ts';
import type { Parameters } from '../../machines/rules/parameters.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import type { ServerMachine, ServerSnapshot } from '../../machines/server.ts';
import type { HostEvent } from '../../machines/vocabulary.ts';
import type { InterpreterName } from '../interpreter/interpreter.ts';
import type { Clock } from '../ports/clock.ts';
import type { StartHash } from '../ports/hash.ts';
import type { Random } from '../ports/random.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import type { Storage } from '../ports/storage.ts';
import type { Transport } from '../ports/transport.ts';
import type { CommandError } from './command-error.ts';

/** What happened, for logs, traces and referees. An observer must not act on the server. */
export interface HostObserver {
  /** Each event that the host gives the server machine. */
  readonly onEvent?: (event: HostEvent) => void;
  /** Each effect that the machine decides on, before it is carried out. */
  readonly onEffect?: (effect: Effect) => void;
  /** The protocol state after each event, with the snapshot that holds it. */
  readonly onState?: (state: ServerState, snapshot: ServerSnapshot) => void;
  /** A sentence for the log about what was repaired or went wrong, and did not stop the server. */
  readonly onWarning?: (message: string) => void;
  /**
   * A command was refused as `command-failed`: on every server, though what was thrown, the `cause`,
   * is known to each one alone.
   */
  readonly onCommandFailed?: (error: CommandError) => void;
  /** As `inspect$` of the server, from before its first event on; makes every event slower. */
  readonly onInspection?: (event: InspectionEvent) => void;
}

/** How long work is cut into slices, so that messages and timers get their turn in between. */
export interface Turns {
  /** How many entries are applied in one turn at most; asked anew for each. */
  sliceEntriesMax(): number;
  /** Runs the callback when others have had a turn. */
  next(callback: () => void): void;
}

// biome-ignore lint/suspicious/noExplicitAny: a state machine of any four types will do.
export interface HostOptions<Machine extends StateMachine<any, any, any, any> = StateMachine> {
  readonly id: ServerId;
  readonly clusterId: string;
  /** Where clients reach this server; '' when nowhere. */
  readonly clientAddress?: string;
  /** What an empty storage is initialised with; null: an empty storage is an error. */
  readonly base: LogBase | null;
  /**
   * Whether it is made now, with all others of its cluster: then the first election comes early.
   * Default: not.
   */
  readonly isNewCluster?: boolean;
  readonly storage: Storage;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly stateMachine: () => Machine;
  readonly parameters: Parameters;
  /** A quota for the state machine, in bytes; enforced while this server leads. Default: none. */
  readonly storedBytesMax?: number;
  /**
   * How often the leader compares the servers' states, in milliseconds, if something was applied since,
   * their state machine has a digest and the transport carries it. Null: never. Default 10,000.
   */
  readonly compareStatesEveryMs?: number | null;
  /** Runs the callback at the end of this turn: microtasks by default, `setImmediate` on Node.js. */
  readonly defer?: (callback: () => void) => void;
  /** SHA-256, for snapshots. Default: one in JavaScript. */
  readonly hash?: StartHash;
  /** For simulations, which vary it. Default: 256 entries, and `defer`. */
  readonly turns?: Turns;
  /** The server machine, or one with parts replaced. */
  readonly machine?: ServerMachine;
  /** What runs it, as long as this server lives: both do the same. Default: `compiled`. */
  readonly interpreter?: InterpreterName;
  readonly observer?: HostObserver;
}
