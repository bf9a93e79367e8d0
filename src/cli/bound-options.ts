/** Flags that bound what clients may take, for one server and for a whole cluster alike. */

import { descriptorLimit, descriptorsForClients, openDescriptors } from '../node/descriptors.ts';
import { DEFAULT_BOUNDS, type ServiceBounds } from '../service/bounds.ts';
import { limitOf } from '../service/budget.ts';
import type { Descriptors } from '../service/context.ts';
import type { Command } from '../vendor/commander.ts';
import { usageError } from './exit-codes.ts';
import { parseCount } from './values.ts';

export interface BoundOptions {
  readonly maxConnectionsPerAddress: number;
}

export function addBoundOptions(command: Command): Command {
  return command.option(
    '--max-connections-per-address <number>',
    "connections of clients that one address may have; this machine's own is not bounded",
    parseCount,
    DEFAULT_BOUNDS.connections.perAddressMax,
  );
}

/** The same flags for a server of a cluster. */
export function boundFlags({ maxConnectionsPerAddress }: BoundOptions): readonly string[] {
  return ['--max-connections-per-address', String(maxConnectionsPerAddress)];
}

export const DESCRIPTORS: Descriptors = { limit: descriptorLimit(), open: openDescriptors };

export function boundsOf({ maxConnectionsPerAddress }: BoundOptions): Partial<ServiceBounds> {
  const connections = descriptorsForClients(DESCRIPTORS.limit, DEFAULT_BOUNDS.connections.max);
  return { connections: limitOf(connections, maxConnectionsPerAddress) };
}

/** What a person should know of the limit; null when it is not in the way. */
/** Fewer, and the log cannot have its next file, which stops the server in the middle of its work. */
const DESCRIPTORS_MIN = 64;

/** @throws CommandError where no server can run for long */
export function assertDescriptors({ limit } = DESCRIPTORS): void {
  if (limit === null || limit >= DESCRIPTORS_MIN) return;
  throw usageError(
    `this process may have ${limit} files and sockets open at a time, and a server needs ` +
      `${DESCRIPTORS_MIN} at least: raise the limit (ulimit -n; LimitNOFILE of systemd)`,
  );
}

export function descriptorsWarning({ connections }: Partial<ServiceBounds>): string | null {
  const { max } = DEFAULT_BOUNDS.connections;
  if (connections === undefined || connections.max >= max) return null;
  return (
    `may have ${DESCRIPTORS.limit} files and sockets open, and takes ${connections.max} connections of ` +
    `clients instead of ${max}: raise the limit (ulimit -n) if there are more of them`
  );
}
