/** How many connections clients may have: what the option says, within the limit of open files. */
import { descriptorLimit, descriptorsForClients, openDescriptors } from '../node/descriptors.ts';
import { DEFAULT_BOUNDS, limitOf, type ServiceBounds } from '../service/budget.ts';
import type { Descriptors } from '../service/context.ts';
import { usageError } from './exit-codes.ts';

export const DESCRIPTORS: Descriptors = { limit: descriptorLimit(), open: openDescriptors };

export function boundsOf(perAddressMax: number): Pick<ServiceBounds, 'connections'> {
  const connections = descriptorsForClients(DESCRIPTORS.limit, DEFAULT_BOUNDS.connections.max);
  return { connections: limitOf(connections, perAddressMax) };
}

/** With fewer, the log could not open its next file, which would stop the server at work. */
const DESCRIPTORS_MIN = 64;

/** @throws CommandError where no server can run for long */
export function assertDescriptors({ limit } = DESCRIPTORS): void {
  if (limit === null || limit >= DESCRIPTORS_MIN) return;
  throw usageError(
    `this process may have ${limit} files and sockets open at a time, and a server needs ` +
      `${DESCRIPTORS_MIN} at least: raise the limit (ulimit -n; LimitNOFILE of systemd)`,
  );
}

/** Null when the limit of open files does not reduce the connections. */
export function descriptorsWarning({
  connections,
}: Pick<ServiceBounds, 'connections'>): string | null {
  const { max } = DEFAULT_BOUNDS.connections;
  if (connections.max >= max) return null;
  return (
    `may have ${DESCRIPTORS.limit} files and sockets open, and takes ${connections.max} connections of ` +
    `clients instead of ${max}: raise the limit (ulimit -n) if there are more of them`
  );
}
