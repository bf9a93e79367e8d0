/** Flags that bound what clients may take, for one server and for a whole cluster alike. */

import { descriptorLimit, descriptorsForClients, openDescriptors } from '../node/descriptors.ts';
import { DEFAULT_BOUNDS, type ServiceBounds } from '../service/bounds.ts';
import { limitOf } from '../service/budget.ts';
import type { Descriptors } from '../service/context.ts';
import type { Command } from '../vendor/commander.ts';
import { parseCount, parseSize } from './values.ts';

export interface BoundOptions {
  readonly maxBytes?: number;
  readonly maxConnectionsPerAddress: number;
  readonly maxRequestsPerSecond?: number;
}

export function addBoundOptions(command: Command): Command {
  return command
    .option('--max-bytes <size>', 'of keys and values together; writes past it fail', parseSize)
    .option(
      '--max-connections-per-address <number>',
      "of clients, this machine's own excepted",
      parseCount,
      DEFAULT_BOUNDS.connections.perAddressMax,
    )
    .option(
      '--max-requests-per-second <number>',
      'of one token or, without tokens, one address',
      parseCount,
    );
}

/** The same flags for a server of a cluster. */
export function boundFlags(options: BoundOptions): readonly string[] {
  const { maxBytes, maxConnectionsPerAddress, maxRequestsPerSecond } = options;
  const flags = [
    ['--max-bytes', maxBytes],
    ['--max-connections-per-address', maxConnectionsPerAddress],
    ['--max-requests-per-second', maxRequestsPerSecond],
  ] as const;
  return flags.flatMap(([flag, value]) => (value === undefined ? [] : [flag, String(value)]));
}

export const DESCRIPTORS: Descriptors = { limit: descriptorLimit(), open: openDescriptors };

export function boundsOf(options: BoundOptions): Partial<ServiceBounds> {
  const { maxConnectionsPerAddress, maxRequestsPerSecond: requestsPerSecond = null } = options;
  const connections = descriptorsForClients(DESCRIPTORS.limit, DEFAULT_BOUNDS.connections.max);
  return { connections: limitOf(connections, maxConnectionsPerAddress), requestsPerSecond };
}

/** What a person should know of the limit; null when it is not in the way. */
export function descriptorsWarning({ connections }: Partial<ServiceBounds>): string | null {
  const { max } = DEFAULT_BOUNDS.connections;
  if (connections === undefined || connections.max >= max) return null;
  return (
    `may have ${DESCRIPTORS.limit} files and sockets open, and takes ${connections.max} connections of ` +
    `clients instead of ${max}: raise the limit (ulimit -n) if there are more of them`
  );
}
