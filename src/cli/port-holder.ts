/** Whether a port is free: checked first, so that a start that must fail leaves no trace. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { listenProblem } from '../node/port-holder.ts';
import { errorLine, usageError } from './exit-codes.ts';
import type { HostPort } from './option-values.ts';

/** @throws CommandError as `listening` */
export async function assertFree({ host, port }: HostPort, what: string): Promise<void> {
  const server = createServer().listen({ host, port, exclusive: true });
  await listening({ host, port }, what, once(server, 'listening'));
  server.close();
  await once(server, 'close');
}

/**
 * @param what - what the port is for: `clients of server a`
 * @param attempt - to listen there
 * @throws CommandError that names the port, who has it, and what to do
 */
export async function listening(
  address: HostPort,
  what: string,
  attempt: Promise<unknown>,
): Promise<void> {
  try {
    await attempt;
  } catch (error) {
    const { code = errorLine(error) } = error as NodeJS.ErrnoException;
    throw usageError(await listenProblem(address, what, code), { code });
  }
}
