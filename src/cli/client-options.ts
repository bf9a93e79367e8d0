/** What every client command takes: whom to ask, how long, and how to print. */

import { type Client, type ClientOutcome, connect } from '../client/index.ts';
import { nodeHttpPort } from '../node/http-port.ts';
import { type Command, InvalidArgumentError, Option } from '../vendor/commander.ts';
import { CommandError, EXIT, type ExitCode, usageError } from './exit-codes.ts';
import { parseClientAddress, parseDuration } from './values.ts';

export type Output = 'simple' | 'json' | 'table';

export interface ClientOptions {
  readonly endpoints: readonly string[];
  readonly timeout: number;
  readonly output: Output;
}

const DEFAULT_ENDPOINTS = [7101, 7102, 7103].map((port) => `http://127.0.0.1:${port}`);

export function withClientOptions(command: Command): Command {
  const endpoints = new Option('--endpoints <list>', 'addresses of servers, with commas between')
    .env('STATECRAFT_ENDPOINTS')
    .argParser(parseEndpoints)
    .default(DEFAULT_ENDPOINTS, DEFAULT_ENDPOINTS.join(','));
  const output = new Option('-o, --output <format>', 'how to print it')
    .choices(['simple', 'json', 'table'])
    .default('simple');
  const timeout = new Option('--timeout <duration>', 'give up after that long')
    .argParser(parseDuration)
    .default(5_000, '5s');
  return command.addOption(endpoints).addOption(timeout).addOption(output);
}

function parseEndpoints(text: string): readonly string[] {
  const endpoints = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map(parseClientAddress);
  if (endpoints.length > 0) return endpoints;
  throw new InvalidArgumentError('Name at least one server, such as http://127.0.0.1:7101.');
}

/**
 * Runs one call against the servers and returns its result, or ends the command as it ended.
 *
 * Without a session: opening and closing one would cost two more entries for every command. What
 * was definitely not applied is tried again; what perhaps was ends the command with its own code.
 */
export async function ask<Result>(
  options: ClientOptions,
  kind: 'read' | 'write',
  call: (client: Client) => Promise<ClientOutcome<Result>>,
): Promise<Result> {
  const { endpoints, timeout: timeoutMs } = options;
  const client = connect({ endpoints, timeoutMs, session: false, http: nodeHttpPort() });
  try {
    const outcome = await call(client);
    if (outcome.outcome === 'applied') return outcome.result;
    const isSilence = kind === 'read' && outcome.outcome === 'unknown';
    const message = isSilence ? `no server answered within ${timeoutMs} ms` : outcome.message;
    throw new CommandError(exitCodeOf(outcome, kind), message);
  } catch (error) {
    if (error instanceof TypeError) throw usageError(error.message);
    throw error;
  } finally {
    await client.close();
  }
}

type Failure = Exclude<ClientOutcome<never>, { readonly outcome: 'applied' }>;

/** A read without an answer has changed nothing: nobody could be reached. */
function exitCodeOf(failure: Failure, kind: 'read' | 'write'): ExitCode {
  if (failure.outcome === 'unknown') return kind === 'write' ? EXIT.unknown : EXIT.unreachable;
  if (failure.reason === 'condition-failed') return EXIT.notFound;
  return failure.reason === 'unreachable' ? EXIT.unreachable : EXIT.failed;
}
