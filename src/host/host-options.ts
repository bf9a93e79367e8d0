/** What a host is made of: one server's ports, its parameters, and who may watch. */
import type { InspectionEvent } from 'xstate';
import type { ServerMachine, ServerSnapshot } from '#machines/server';
import type { HostEvent } from '#machines/vocabulary';
import type { Clock } from '#ports/clock';
import type { Random } from '#ports/random';
import type { StateMachine } from '#ports/state-machine';
import type { Storage } from '#ports/storage';
import type { Transport } from '#ports/transport';
import type { Effect } from '#rules/effects';
import type { ServerId } from '#rules/entries';
import type { LogBase } from '#rules/log';
import type { Parameters } from '#rules/parameters';
import type { ServerState } from '#rules/state';

/** What happened, for logs, traces and referees. Nobody may act on the server from here. */
export interface HostObserver {
  readonly onEvent?: (event: HostEvent) => void;
  readonly onEffect?: (effect: Effect) => void;
  readonly onState?: (state: ServerState, snapshot: ServerSnapshot) => void;
  readonly onWarning?: (message: string) => void;
  /** As `inspect$` of the server, from before its first event on; makes every event dearer. */
  readonly onInspection?: (event: InspectionEvent) => void;
}

// biome-ignore lint/suspicious/noExplicitAny: a state machine of any four types will do.
export interface HostOptions<Machine extends StateMachine<any, any, any, any> = StateMachine> {
  readonly id: ServerId;
  readonly clusterId: string;
  /** Where clients reach this server; '' when nowhere. */
  readonly clientAddress?: string;
  /** What an empty storage is initialised with; null: an empty storage is an error. */
  readonly base: LogBase | null;
  readonly storage: Storage;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly stateMachine: () => Machine;
  readonly parameters: Parameters;
  /** Runs the callback at the end of this turn: microtasks by default, `setImmediate` on Node.js. */
  readonly defer?: (callback: () => void) => void;
  /** The server machine, or one with parts replaced. */
  readonly machine?: ServerMachine;
  readonly observer?: HostObserver;
}
