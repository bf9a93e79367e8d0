/**
 * Calls that settle by a callback, and commands that are encoded already: for a service that has
 * thousands of them under way. A promise for each, and a second encoding, would cost more than all
 * else that a service does for it. What they mean is what `propose` and `query` mean.
 *
 * Not in the interface of a server: a callback runs in the middle of the server's own work, and must
 * neither throw nor take long.
 */
import type { Outcome, SessionCommand } from '../ports/outcome.ts';
import type { Server } from '../ports/server.ts';
import type { Codec } from '../ports/state-machine.ts';

export interface DirectProposeOptions {
  /** By then it has settled, in milliseconds. */
  readonly timeoutMs: number;
  readonly session?: SessionCommand;
}

export interface DirectQueryOptions {
  readonly consistency: 'linearizable' | 'stale';
  /** By then it has settled, in milliseconds. */
  readonly timeoutMs: number;
}

/** Called once, perhaps before the call returns. */
export type Settle<Result = unknown> = (outcome: Outcome<Result>) => void;

/** How a query ends: one of them is called once. */
export interface QueryCallbacks<Answer = unknown> {
  readonly settle: Settle<Answer>;
  /** The state machine threw at it. */
  readonly fail: (error: unknown) => void;
}

export interface DirectCalls<Result, Query, Answer> {
  /** @param bytes - what the codec makes of a valid command; kept, so nobody may write to them */
  propose(bytes: Uint8Array, options: DirectProposeOptions, settle: Settle<Result>): void;
  query(query: Query, options: DirectQueryOptions, ends: QueryCallbacks<Answer>): void;
}

const offered = new WeakMap<object, DirectCalls<unknown, unknown, unknown>>();

/** By the host, for each of its servers. */
export function offerDirectCalls(
  server: object,
  calls: DirectCalls<unknown, unknown, unknown>,
): void {
  offered.set(server, calls);
}

/** Of any server: one that does not offer them is asked by its promises. */
export function directCallsOf<Command, Result, Query, Answer>(
  server: Server<Command, Result, Query, Answer>,
  commands: Codec<Command>,
): DirectCalls<Result, Query, Answer> {
  const own = offered.get(server) as DirectCalls<Result, Query, Answer> | undefined;
  if (own !== undefined) return own;
  const { propose, query } = server as Server;
  return {
    propose(bytes, options, settle) {
      void propose.call(server, commands.decode(bytes), options).then(settle as Settle);
    },
    query(asked, options, { settle, fail }) {
      void query.call(server, asked, options).then(settle as Settle, fail);
    },
  };
}
