/** What every client command takes: whom to ask and how, how long, and how to print. */

import { type Client, type ClientOutcome, connect } from '../client/index.ts';
import { type Command, InvalidArgumentError, Option } from '../vendor/commander.ts';
import { type Connection, connectionOf, type SecurityOptions } from './client-connection.ts';
import { CommandError, EXIT, type ExitCode, usageError } from './exit-codes.ts';
import { parseClientAddress, parseDuration } from './values.ts';

export type Output = 'simple' | 'json' | 'table';

export interface ClientOptions extends SecurityOptions {
  readonly timeout: number;
  readonly output: Output;
}

const DEFAULT_ENDPOINTS = [7101, 7102, 7103].map((port) => `127.0.0.1:${port}`);

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
  command.addOption(endpoints);
  for (const [flag, what, variable] of FILES)
    command.addOption(new Option(flag, what).env(variable));
  return command.addOption(timeout).addOption(output);
}

/** Names of files only: what is in them is no business of a process list. */
const FILES = [
  ['--token-file <file>', 'holds the token to show', 'STATECRAFT_TOKEN_FILE'],
  ['--tls-ca <file>', 'authorities of the servers: ask by https', 'STATECRAFT_TLS_CA'],
  ['--tls-cert <file>', 'our certificate, for servers that want one', 'STATECRAFT_TLS_CERT'],
  ['--tls-key <file>', 'its private key', 'STATECRAFT_TLS_KEY'],
] as const;

/** As they were written, if they can be addresses: without a scheme, the other flags say which. */
function parseEndpoints(text: string): readonly string[] {
  const endpoints = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  for (const endpoint of endpoints) parseClientAddress(endpoint);
  if (endpoints.length > 0) return endpoints;
  throw new InvalidArgumentError('Name at least one server, such as http://127.0.0.1:7101.');
}

/** A client without a session: opening and closing one would cost two more entries for every command. */
export function clientOf({ endpoints, http, token }: Connection, timeoutMs: number): Client {
  const shown = token === null ? {} : { token };
  return connect({ endpoints, timeoutMs, session: false, http, ...shown });
}

/**
 * Runs one call against the servers and returns its result, or ends the command as it ended. What was
 * definitely not applied is tried again; what perhaps was ends the command with its own code.
 */
export async function ask<Result>(
  options: ClientOptions,
  kind: 'read' | 'write',
  call: (client: Client) => Promise<ClientOutcome<Result>>,
): Promise<Result> {
  const { timeout: timeoutMs } = options;
  const client = clientOf(connectionOf(options), timeoutMs);
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
