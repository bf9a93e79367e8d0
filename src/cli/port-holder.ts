/** Whether a port is free: checked first, so that a start that must fail leaves no trace. */
import { createServer } from 'node:net';
import { listenProblem } from '../node/port-holder.ts';
import { type ExitError, usageError } from './exit-codes.ts';
import type { HostPort } from './option-values.ts';

/**
 * @param what - what it is for: `clients of server a`
 * @throws CommandError that names the port, who has it, and what to do
 */
export async function assertFree(address: HostPort, what: string): Promise<void> {
  const code = await portFault(address);
  if (code !== null) throw await taken(address, what, code);
}

export async function taken(address: HostPort, what: string, code: string): Promise<ExitError> {
  return usageError(await listenProblem(address, what, code), { code });
}

/** Null when it can be listened on; otherwise the error's code. */
function portFault({ host, port }: HostPort): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
