/**
 * A server on Node.js (the composition root): the machines, a directory, sockets, real time.
 */

import { bootstrapConfiguration } from '../../machines/rules/configuration.ts';
import type { ServerId } from '../../machines/rules/entries.ts';
import { firstBase, type LogBase } from '../../machines/rules/log.ts';
import {
  DEFAULT_PARAMETERS,
  type Parameters,
  type Timing,
} from '../../machines/rules/parameters.ts';
import { clusterIdOf } from '../formats/cluster-id.ts';
import { type HostObserver, startHost } from '../host/host.ts';
import type { Server } from '../ports/server.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import type { Storage } from '../ports/storage.ts';
import type { Transport } from '../ports/transport.ts';
import type { DirectoryStorage } from './file-storage.ts';
import { filePeerMemory } from './peer-memory.ts';
import { realClock, realRandom } from './real-time.ts';
import { webSocketTransport } from './websocket-transport.ts';

export interface StartServerOptions<Command, Result, Query, Answer> {
  /** Its name in the cluster: letters, digits, `.`, `_` and `-`, at most 64. */
  readonly id: ServerId;
  /** Where every server of the cluster, this one too, is reached by the others: `ws://host:port`. */
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
  readonly storage: Storage;
  readonly transport?: Transport;
  readonly stateMachine: () => StateMachine<Command, Result, Query, Answer>;
  /** In milliseconds; what is not given has its default. */
  readonly timing?: Partial<Timing>;
  /** Bounds and the snapshot policy; what is not given has its default. */
  readonly parameters?: Partial<Omit<Parameters, 'timing'>>;
  /**
   * How many bytes may be stored, as the state machine counts (`storedBytes`). Judged by whoever
   * leads, so give it to all servers alike: commands that would add to it are then refused with
   * `quota-exceeded`, until something is deleted. Default: no bound.
   */
  readonly maxBytes?: number;
  readonly observer?: HostObserver;
}

const ID = /^[A-Za-z0-9._-]{1,64}$/;

/**
 * Starts one server of a cluster, and resolves when it listens.
 *
 * @throws TypeError when the options cannot work: an id that is not in `cluster`, timing out of bounds,
 * `maxBytes` for a state machine that does not count.
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
  const { id, cluster, clusterName = 'statecraft', clientAddress = '' } = options;
  const { observer, maxBytes } = options;
  assertMembers(id, cluster);
  const timing = { ...DEFAULT_PARAMETERS.timing, ...options.timing };
  return startHost({
    id,
    clusterId: clusterIdOf(clusterName, Object.keys(cluster)),
    clientAddress,
    base: options.bootstrap === true ? bootstrapBase(cluster) : null,
    storage: options.storage,
    transport: options.transport ?? transportBeside(options),
    clock: realClock,
    random: realRandom,
    stateMachine: options.stateMachine,
    parameters: { ...DEFAULT_PARAMETERS, ...options.parameters, timing },
    defer: setImmediate,
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(observer === undefined ? {} : { observer }),
  });
}

/** What is known of the peers is kept in the server's own directory, if it has one. */
function transportBeside({
  id,
  cluster,
  storage,
}: Pick<StartServerOptions<never, never, never, never>, 'id' | 'cluster' | 'storage'>): Transport {
  const { directory } = storage as Partial<DirectoryStorage>;
  const memory = directory === undefined ? {} : { memory: filePeerMemory(directory) };
  return webSocketTransport({ id, cluster, ...memory });
}

/** Before the first entry there is only the configuration the cluster is born with. */
function bootstrapBase(cluster: Readonly<Record<ServerId, string>>): LogBase {
  return firstBase(bootstrapConfiguration(cluster));
}

function assertMembers(id: ServerId, cluster: Readonly<Record<ServerId, string>>): void {
  const ids = Object.keys(cluster);
  const malformed = ids.find((member) => !ID.test(member));
  if (malformed !== undefined) {
    throw new TypeError(
      `A server's id has 1 to 64 letters, digits, ".", "_" or "-"; "${malformed}" is none`,
    );
  }
  if (!ids.includes(id)) {
    throw new TypeError(
      `Server ${id} is not one of the cluster: ${ids.join(', ') || 'it is empty'}`,
    );
  }
}
