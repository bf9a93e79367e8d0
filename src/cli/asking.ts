/** Calls of client commands: made to whoever answers, and their outcomes as exit codes. */
import { type Client, type ClientOutcome, connect } from '../client/index.ts';
import { realClock } from '../node/real-time.ts';
import { type Connection, connectionOf } from './client-connection.ts';
import type { ClientOptions } from './client-options.ts';
import { CommandError, EXIT, type ExitCode, usageError } from './exit-codes.ts';
import { durationText } from './values.ts';

/**
 * - `read`: may be asked again and again.
 * - `write`: without a session, which would cost two more entries for every command; sent a second
 *   time only when it was definitely not applied.
 * - `writes`: many, in one session: each takes effect at most once, however often it is sent.
 */
export type Kind = 'read' | 'write' | 'writes';

/** Makes one call and returns its result, or ends the command as the call ended. */
export type Ask = <Result>(
  call: (client: Client) => Promise<ClientOutcome<Result>>,
) => Promise<Result>;

export async function asking<Value>(
  options: ClientOptions,
  kind: Kind,
  act: (ask: Ask) => Promise<Value>,
): Promise<Value> {
  const { timeout: timeoutMs } = options;
  const connection = connectionOf(options);
  const { http, token } = connection;
  const shown = token === null ? {} : { token };
  const before = realClock.now();
  const endpoints =
    kind === 'write' ? await answeringFirst(connection, timeoutMs) : connection.endpoints;
  const leftMs = Math.max(timeoutMs - (realClock.now() - before), 1);
  const session = kind === 'writes';
  const client = connect({ endpoints, timeoutMs: leftMs, session, http, ...shown });
  try {
    return await act(async (call) => {
      const outcome = await call(client);
      if (outcome.outcome === 'applied') return outcome.result;
      const isSilence = kind === 'read' && outcome.outcome === 'unknown';
      const silence = `no server answered within ${durationText(timeoutMs)}`;
      throw new CommandError(exitCodeOf(outcome, kind), isSilence ? silence : outcome.message);
    });
  } catch (error) {
    if (error instanceof TypeError) throw usageError(error.message);
    throw error;
  } finally {
    await client.close();
  }
}

/** For a command that makes one call. */
export function ask<Result>(
  options: ClientOptions,
  kind: 'read' | 'write',
  call: (client: Client) => Promise<ClientOutcome<Result>>,
): Promise<Result> {
  return asking(options, kind, (askOnce) => askOnce(call));
}

/**
 * The endpoints, with one in front that answers. What is sent once only must not go to a server that
 * takes connections and stands still: after that, nobody could tell whether it was applied.
 */
async function answeringFirst(
  { endpoints, http, token }: Connection,
  timeoutMs: number,
): Promise<readonly string[]> {
  if (endpoints.length === 1) return endpoints;
  const shown = token === null ? {} : { token };
  const answers = endpoints.map(async (endpoint) => {
    const client = connect({ endpoints: [endpoint], http, ...shown });
    const [answer] = await client.status({ timeoutMs: timeoutMs / 2 });
    if (answer?.status === null) throw new Error(answer.problem ?? '');
    return endpoint;
  });
  try {
    const first = await Promise.any(answers);
    return [first, ...endpoints.filter((endpoint) => endpoint !== first)];
  } catch {
    return endpoints;
  }
}

type Failure = Exclude<ClientOutcome<never>, { readonly outcome: 'applied' }>;

/** A read without an answer has changed nothing: nobody could be reached. */
function exitCodeOf(failure: Failure, kind: Kind): ExitCode {
  if (failure.outcome === 'unknown') return kind === 'read' ? EXIT.unreachable : EXIT.unknown;
  if (failure.reason === 'condition-failed') return EXIT.notFound;
  return failure.reason === 'unreachable' ? EXIT.unreachable : EXIT.failed;
}
