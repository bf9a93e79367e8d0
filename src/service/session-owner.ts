/** Sessions belong to the token that opened them: no other token may write in one, or close it. */
import type { IncomingMessage } from 'node:http';
import type { ServiceContext } from './context.ts';
import { HttpError } from './errors.ts';
import { noSuchSession, readOrThrow } from './outcome-to-response.ts';
import type { Token } from './tokens/token.ts';

/**
 * Called before a write in a session, and before a session is closed. A session that does not exist
 * yet is refused here: its number could be guessed, and belong to somebody by the time of the write.
 *
 * @returns how many milliseconds the call itself may still take
 * @throws HttpError `forbidden` when the session was opened with another token
 */
export async function assertOwnsSession(
  context: ServiceContext,
  request: IncomingMessage,
  session: number,
): Promise<number> {
  const { access, callTimeoutMs } = context;
  const token = access.tokenOf(request);
  if (token === null) return callTimeoutMs;
  return assertTokenOwns(context, token, session, callTimeoutMs, request);
}

/** As above, of a request of that token which may take so long. */
export async function assertTokenOwns(
  context: ServiceContext,
  token: Token,
  session: number,
  timeoutMs: number,
  request: IncomingMessage | null,
): Promise<number> {
  const startedAt = performance.now();
  const outcome = await context.server.sessionOwner(session, { timeoutMs });
  const { result: owner } = readOrThrow(context, outcome, request);
  if (owner === null) throw noSuchSession();
  // One without an owner was opened before there were tokens.
  if (owner !== '' && owner !== token.name) {
    const message = `session ${session} was not opened with the token "${token.name}"`;
    throw new HttpError('forbidden', message);
  }
  return Math.max(1, timeoutMs - (performance.now() - startedAt));
}
