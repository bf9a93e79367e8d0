/** Calls of client commands: made to whichever server answers, with their outcomes as exit codes. */
import { type Client, type ClientOutcome, type ConnectOptions, connect } from '../client/index.ts';
import { realClock } from '../node/real-time.ts';
import { type ClientOptions, connectionOf } from './client-options.ts';
import { EXIT, type ExitCode, ExitError, usageError } from './exit-codes.ts';
import { durationText } from './option-values.ts';

/**
 * - `read`: may be repeated.
 * - `write`: without a session, which would cost two more entries for every command; repeated only
 *   when it was definitely not applied.
 * - `writes`: many, in one session: each takes effect at most once, however often it is sent.
 */
export type CallKind = 'read' | 'write' | 'writes';

/** Makes one call and returns its result, or ends the command with the outcome's exit code. */
export type CallOnce = <Result>(
  act: (client: Client) => Promise<ClientOutcome<Result>>,
) => Promise<Result>;

export async function withClient<Value>(
  options: ClientOptions,
  kind: CallKind,
  act: (call: CallOnce) => Promise<Value>,
): Promise<Value> {
  const { timeout: timeoutMs } = options;
  const { servers } = await connectionOf(options);
  const startedAt = realClock.now();
  const endpoints = kind === 'write' ? await answeringFirst(servers, timeoutMs) : servers.endpoints;
  const leftMs = Math.max(timeoutMs - (realClock.now() - startedAt), 1);
  const session = kind === 'writes';
  const client = connect({ ...servers, endpoints, timeoutMs: leftMs, session });
  try {
    return await act(async (call) => {
      const outcome = await call(client);
      if (outcome.outcome === 'applied') return outcome.result;
      const hasNoAnswer = kind === 'read' && outcome.outcome === 'unknown';
      const noAnswer = `no server answered within ${durationText(timeoutMs)}`;
      throw new ExitError(exitCodeOf(outcome, kind), hasNoAnswer ? noAnswer : outcome.message);
    });
  } catch (error) {
    if (error instanceof TypeError) throw usageError(error.message);
    throw error;
  } finally {
    await client.close();
  }
}

/** For a command that makes one call. */
export function callOnce<Result>(
  options: ClientOptions,
  kind: 'read' | 'write',
  act: (client: Client) => Promise<ClientOutcome<Result>>,
): Promise<Result> {
  return withClient(options, kind, (call) => call(act));
}

/**
 * The endpoints, with one that answers in front. What is sent only once must not go to a server that
 * accepts connections and hangs: after that, nobody could tell whether it was applied.
 */
async function answeringFirst(
  servers: ConnectOptions,
  timeoutMs: number,
): Promise<readonly string[]> {
  const { endpoints } = servers;
  if (endpoints.length === 1) return endpoints;
  const answers = endpoints.map(async (endpoint) => {
    const client = connect({ ...servers, endpoints: [endpoint] });
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

/** A read without an answer has changed nothing: no server could be reached. */
function exitCodeOf(failure: Failure, kind: CallKind): ExitCode {
  if (failure.outcome === 'unknown') return kind === 'read' ? EXIT.unreachable : EXIT.unknown;
  if (failure.reason === 'condition-failed') return EXIT.notFound;
  return failure.reason === 'unreachable' ? EXIT.unreachable : EXIT.failed;
}
