/** What a simulation is made from. */
import type { InspectionEvent } from 'xstate';
import type { Effect } from '../../machines/rules/effects.ts';
import type { Entry, LogIndex, ServerId, Term } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import {
  DEFAULT_PARAMETERS,
  DEFAULT_TIMING,
  type Parameters,
  type Timing,
} from '../../machines/rules/parameters.ts';
import type { Role, ServerMachine } from '../../machines/server.ts';
import type { InterpreterName } from '../interpreter/interpreter.ts';
import type { DiskFaults } from './disk.ts';
import type { DurationRange } from './faults.ts';
import type { DeliveryOutcome, Flight } from './flights.ts';
import type { AnyStateMachine } from './kept-state.ts';
import type { Link } from './network.ts';
import type { Seed } from './random.ts';

/** A hand-made disk: a server that has lived before the simulation begins. */
export interface PreparedDisk {
  readonly term?: Term;
  readonly votedFor?: ServerId | null;
  /** Entries after index 0, or just their terms: then they are empty ones. */
  readonly log?: readonly (Term | Omit<Entry, 'index'>)[];
  readonly commitIndex?: LogIndex;
}

/** Told of what happens, to count it or to draw it; nothing depends on it. */
export interface SimulationObserver {
  /** A message has reached its server. */
  onArrival?(message: Message): void;
  /** A server machine has decided on an effect. */
  onEffect?(id: ServerId, effect: Effect): void;
  /** A server has another role, or another term. */
  onRole?(id: ServerId, role: Role, term: Term): void;
  /** A message's way has ended, one way or another. */
  onDeliveryEnd?(flight: Flight, outcome: DeliveryOutcome): void;
  /** The state machine of a server's new run, to look at; what it queries changes nothing. */
  onStateMachine?(id: ServerId, stateMachine: AnyStateMachine): void;
}

/** What a simulation is made from: a seed, servers, a state machine, and faults. */
export interface SimulationOptions<Machine extends AnyStateMachine = AnyStateMachine> {
  readonly seed: Seed;
  /** How many, named a, b, c …; or their ids. Default 3. */
  readonly servers?: number | readonly ServerId[];
  readonly stateMachine: () => Machine;
  readonly timing?: Partial<Timing>;
  readonly parameters?: Partial<Omit<Parameters, 'timing'>>;
  /** A fault model of your own for each directed link, beside latency and partitions. */
  readonly link?: Link;
  /** From one server to another. Default 0.1 to 1 ms. Messages of a link keep their order. */
  readonly latency?: DurationRange;
  readonly disk?: Partial<DiskFaults>;
  /** Disks that are not empty at the start. */
  readonly disks?: Readonly<Record<ServerId, PreparedDisk>>;
  /** Whether the others hear at once that a server has crashed. Default true. */
  readonly areCrashesNoticed?: boolean;
  /**
   * The longest turn of a server, in milliseconds: how long it takes to apply a few entries, or to
   * write or read a piece of a snapshot, while messages and timers go on. A function is asked before each turn. Default 0: as it comes.
   */
  readonly turnMsMax?: number | (() => number);
  /** The server machine with parts replaced: to see that the referee notices. */
  readonly machine?: ServerMachine;
  /** What runs the machines: a run is the same with both. Default: `compiled`. */
  readonly interpreter?: InterpreterName;
  readonly observer?: SimulationObserver;
  /** Whether `timers` of a server can be asked: that is looked up at every instant. Default false. */
  readonly followsTimers?: boolean;
  /**
   * As of `startServer`. Default null: the referee compares states after every entry anyway, and
   * messages that are not the protocol's would change the runs of all seeds.
   */
  readonly compareStatesEveryMs?: number | null;
  /** Told of everything in each server's actors, from before its first event on; costs as much. */
  readonly inspect?: (id: ServerId, event: InspectionEvent) => void;
  /** How many lines of the trace are kept; its hash covers all. Default 100,000. */
  readonly traceLinesMax?: number;
}

export const DEFAULT_LATENCY: DurationRange = { minMs: 0.1, maxMs: 1 };
export const TRACE_LINES_MAX = 100_000;

const FIRST_LETTER = 'a'.charCodeAt(0);
const LETTERS = 26;

export function idsOf(servers: number | readonly ServerId[] = 3): readonly ServerId[] {
  if (typeof servers !== 'number') return [...servers].sort();
  if (!Number.isInteger(servers) || servers < 1 || servers > LETTERS) {
    throw new TypeError(
      `servers must be a whole number from 1 to ${LETTERS}, or a list of ids, not ${servers}`,
    );
  }
  return Array.from({ length: servers }, (_, at) => String.fromCharCode(FIRST_LETTER + at));
}

export function parametersOf({
  timing,
  parameters,
}: Pick<SimulationOptions, 'timing' | 'parameters'>): Parameters {
  return { ...DEFAULT_PARAMETERS, ...parameters, timing: { ...DEFAULT_TIMING, ...timing } };
}
