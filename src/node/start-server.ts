/**
 * A server on Node.js (the composition root): the machines, a directory, sockets, real time.
 */
import { createHash } from 'node:crypto';
import { bootstrapConfiguration } from '../../machines/rules/configuration.ts';
import type { ServerId } from '../../machines/rules/entries.ts';
import { firstBase } from '../../machines/rules/log.ts';
import {
  DEFAULT_PARAMETERS,
  type Parameters,
  type Timing,
} from '../../machines/rules/parameters.ts';
import { CLIENT_ADDRESS, whyNotAddress } from '../formats/address.ts';
import { clusterIdOf } from '../formats/cluster-id.ts';
import { type HostObserver, startHost } from '../host/host.ts';
import type { InterpreterName } from '../interpreter/interpreter.ts';
import type { Server } from '../ports/server.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import type { Storage } from '../ports/storage.ts';
import type { Transport } from '../ports/transport.ts';
import type { ListenAddress } from './peer-addresses.ts';
import type { ClusterKeyOption, PeerSecurityOptions } from './peer-security.ts';
import { realClock, realRandom } from './real-time.ts';
import { webSocketTransport } from './websocket-transport.ts';

/**
 * What `startServer` needs: who this server is, who the others are, where it stores, what it
 * applies.
 */
export interface StartServerOptions<Command, Result, Query, Answer> {
  /** Its name in the cluster: letters, digits, `.`, `_` and `-`, at most 64. */
  readonly id: ServerId;
  /**
   * Where every server of the cluster, this one too, is reached by the others: `ws://host:port` on
   * this machine, `wss://host:port` beyond it.
   */
  readonly cluster: Readonly<Record<ServerId, string>>;
  /** Part of the cluster's identity: servers of clusters with other names refuse each other. */
  readonly clusterName?: string;
  /** Where clients reach this server: what the others tell theirs as the leader's address. */
  readonly clientAddress?: string;
  /**
   * Makes an empty storage into a member of a new cluster. Only for the first start of the whole
   * cluster: a server that lost its data and starts anew could vote twice.
   */
  readonly bootstrap?: boolean;
  /**
   * Where it keeps what must survive it: `fileStorage` of `statecraft/node`, or one of your own.
   */
  readonly storage: Storage;
  /** Default: WebSockets to the addresses of `cluster`. */
  readonly transport?: Transport;
  /**
   * Who has it is a server of this cluster: 32 random bytes, two such keys while one replaces the
   * other, or a file that `statecraft key new` has made. Default: one of this process, so that
   * servers of one process need none.
   */
  readonly clusterKey?: ClusterKeyOption;
  /** Certificates instead of the key, of the cluster's own authority: `statecraft certificates`. */
  readonly peerTls?: PeerSecurityOptions['peerTls'];
  /** Lets servers talk unprotected beyond this machine: with addresses that begin with `ws://`. */
  readonly peerPlaintext?: boolean;
  /** Where it listens to the others. Default: host and port of its own address. */
  readonly peerListen?: ListenAddress;
  /** Name and version of the software, told to peers for their logs. */
  readonly software?: string;
  /** Makes the state machine, empty; called once, when the server starts. */
  readonly stateMachine: () => StateMachine<Command, Result, Query, Answer>;
  /** In milliseconds; what is not given has its default. */
  readonly timing?: Partial<Timing>;
  /**
   * Bytes that the state machine may hold, if it tells its size, as `keyValue` does: while this server
   * leads, a command that would add to them is refused as `quota-exceeded`. Default: no bound.
   */
  readonly storedBytesMax?: number;
  /**
   * How often the leader compares the servers' states, in milliseconds, if something was applied since
   * and the state machine has a `digest`; what differs is a warning, and in the status. Null: never.
   * Default 10,000.
   */
  readonly compareStatesEveryMs?: number | null;
  /** Bounds and the snapshot policy; what is not given has its default. */
  readonly parameters?: Partial<Omit<Parameters, 'timing'>>;
  /**
   * What runs the server's statecharts, from its start to its end: `compiled` works out each step once,
   * `xstate` is XState's own interpreter. Both do the same, event for event; the former is faster.
   * Default: `compiled`.
   */
  readonly interpreter?: InterpreterName;
  /**
   * Told what happens inside, at once: what it throws stops the server. Without an `onWarning`,
   * warnings are emitted as those of Node.js are (`process.emitWarning`, name `StatecraftWarning`),
   * which prints them on stderr. About the same there is one a minute at most; `status().warnings`
   * has the latest.
   */
  readonly observer?: HostObserver;
}

const ID = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * Starts one server of a cluster, and resolves when it listens.
 *
 * @throws TypeError when the options cannot work: an id that is not in `cluster`, timing out of bounds.
 * @throws StorageError when the storage is damaged, of another server or cluster, or in use.
 * @throws StartError when the storage is empty and `bootstrap` was not asked for, or a port is taken.
 * @example
 * const server = await startServer({
 *   id: 'a',
 *   cluster: { a: 'ws://127.0.0.1:7201' },
 *   bootstrap: true,
 *   storage: fileStorage('./data/a'),
 *   stateMachine: keyValue,
 * });
 */
export async function startServer<Command, Result, Query, Answer>(
  options: StartServerOptions<Command, Result, Query, Answer>,
): Promise<Server<Command, Result, Query, Answer>> {
  const { id, cluster, clusterName = 'statecraft', clientAddress = '', observer } = options;
  assertMembers(id, cluster);
  assertClientAddress(id, clientAddress);
  // One by one: undeclared options of a wider object must not reach the host or the transport.
  const { storage, stateMachine, storedBytesMax, compareStatesEveryMs, interpreter } = options;
  const { clusterKey, peerTls, peerPlaintext, peerListen: listen, software } = options;
  const peers = { id, cluster, clusterKey, peerTls, peerPlaintext, listen, software };
  const timing = { ...DEFAULT_PARAMETERS.timing, ...options.timing };
  return startHost({
    ...{ id, storage, stateMachine },
    clusterId: clusterIdOf(clusterName, Object.keys(cluster)),
    clientAddress,
    base: options.bootstrap === true ? firstBase(bootstrapConfiguration(cluster)) : null,
    isNewCluster: options.bootstrap === true,
    transport: options.transport ?? webSocketTransport(peers),
    clock: realClock,
    random: realRandom,
    parameters: { ...DEFAULT_PARAMETERS, ...options.parameters, timing },
    defer: setImmediate,
    hash: () => createHash('sha256'),
    observer: withWarnings(id, observer),
    ...(interpreter !== undefined && { interpreter }),
    ...(storedBytesMax !== undefined && { storedBytesMax }),
    ...(compareStatesEveryMs !== undefined && { compareStatesEveryMs }),
  });
}

/** Without an observer, warnings are emitted as those of Node.js itself are. */
function withWarnings(id: ServerId, observer: HostObserver = {}): HostObserver {
  const emit = (message: string) =>
    process.emitWarning(`server ${id}: ${message}`, 'StatecraftWarning');
  return { onWarning: emit, ...observer };
}

/** '' says nothing to clients. */
function assertClientAddress(id: ServerId, address: string): void {
  const why = address === '' ? null : whyNotAddress(address, CLIENT_ADDRESS);
  if (why === null) return;
  throw new TypeError(`The clientAddress of server ${id}, ${JSON.stringify(address)}, ${why}`);
}

function assertMembers(id: ServerId, cluster: Readonly<Record<ServerId, string>>): void {
  const ids = Object.keys(cluster);
  const malformed = ids.find((member) => !ID.test(member));
  if (malformed !== undefined) {
    throw new TypeError(
      `A server's id has 1 to 64 letters, digits, ".", "_" or "-"; "${malformed}" is not valid`,
    );
  }
  if (!ids.includes(id)) {
    throw new TypeError(
      `Server ${id} is not one of the cluster: ${ids.join(', ') || 'it is empty'}`,
    );
  }
}
