/** What every client command takes: whom to ask and how, how long, and how to print. */
import { type Command, InvalidArgumentError, Option } from '../vendor/commander.ts';
import type { SecurityOptions } from './client-connection.ts';
import { durationOption } from './value-options.ts';
import { parseClientAddress } from './values.ts';

export type Output = 'simple' | 'json' | 'table';

export interface ClientOptions extends SecurityOptions {
  readonly timeout: number;
  readonly output: Output;
}

const DEFAULT_ENDPOINTS = [7101, 7102, 7103].map((port) => `127.0.0.1:${port}`);

/** Names of files only: what is in them is no business of a process list. */
const FILES = [
  ['--token-file <file>', 'file with the token to show to the servers'],
  ['--tls-ca <file>', 'PEM file with the authorities of the servers; turns on https'],
  ['--tls-cert <file>', 'PEM file with our certificate, for servers that want one; turns on https'],
  ['--tls-key <file>', 'PEM file with the private key of --tls-cert'],
] as const;

export function withClientOptions(command: Command, output: Output = 'simple'): Command {
  command.addOption(
    new Option('--endpoints <list>', 'client addresses of servers, with commas between: host:port')
      .argParser(parseEndpoints)
      .default(DEFAULT_ENDPOINTS, DEFAULT_ENDPOINTS.join(',')),
  );
  for (const [flags, what] of FILES) command.addOption(new Option(flags, what));
  return command
    .addOption(
      durationOption('--timeout <duration>', 'give up when no server has answered by then', 5_000),
    )
    .addOption(
      new Option('-o, --output <format>', 'what is printed: lines, JSON, or a table with a head')
        .choices(['simple', 'json', 'table'])
        .default(output),
    );
}

/** As they were written, if they can be addresses: without a scheme, the other flags say which. */
function parseEndpoints(text: string): readonly string[] {
  const endpoints = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  for (const endpoint of endpoints) parseClientAddress(endpoint);
  if (endpoints.length > 0) return endpoints;
  throw new InvalidArgumentError('Name at least one server, such as 127.0.0.1:7101.');
}
