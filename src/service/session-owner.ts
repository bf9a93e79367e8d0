/** Sessions belong to the token that opened them: nobody else may write in one, or close it. */
import type { IncomingMessage } from 'node:http';
import type { ServiceContext } from './context.ts';
import { Fault } from './errors.ts';
import { redirectTargetOf } from './named-key.ts';
import { noSuchSession, readOrThrow } from './outcome-to-response.ts';

/** For `openSession`; without tokens, a session is nobody's. */
export function ownerOf({ access }: ServiceContext, request: IncomingMessage): string {
  return access.tokenOf(request)?.name ?? '';
}

/**
 * Called before a write in a session, and before a session is closed. A session that is not there
 * yet is refused here: its number could be guessed, and be somebody's by the time of the write.
 *
 * @returns how long the call itself may still take
 * @throws Fault `forbidden` when the session was opened with another token
 */
export async function assertOwnsSession(
  context: ServiceContext,
  request: IncomingMessage,
  session: number,
): Promise<number> {
  const { access, server, callTimeoutMs } = context;
  const token = access.tokenOf(request);
  if (token === null) return callTimeoutMs;
  const startedAt = performance.now();
  const outcome = await server.sessionOwner(session, { timeoutMs: callTimeoutMs });
  const { result: owner } = readOrThrow(context, outcome, redirectTargetOf(request));
  if (owner === null) throw noSuchSession();
  // Nobody's: it was opened before there were tokens.
  if (owner !== '' && owner !== token.name) {
    throw new Fault(
      'forbidden',
      `session ${session} was not opened with the token "${token.name}"`,
    );
  }
  return Math.max(1, callTimeoutMs - (performance.now() - startedAt));
}
