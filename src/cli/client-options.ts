/** What every client command takes: which servers to ask and how, how long, and how to print. */
import { readFileSync } from 'node:fs';
import { tokenPort } from '../client/servers.ts';
import { type NodeHttpPortOptions, nodeHttpRequests } from '../node/http-requests.ts';
import { InvalidArgumentError } from '../vendor/commander.ts';
import { duration, type OptionsOf, type OptionTable } from './command-table.ts';
import { orUsageError, usageError } from './exit-codes.ts';
import { parseClientAddress } from './option-values.ts';

const DEFAULT_ENDPOINTS = [7101, 7102, 7103].map((port) => `127.0.0.1:${port}`);

/** How to print. */
export function outputOption(byDefault: 'simple' | 'table') {
  const what = 'what is printed: lines, JSON, or a table with a header';
  const choices = ['simple', 'json', 'table'] as const;
  return { '-o, --output <format>': { what, choices, byDefault } } as const;
}

/** Names of files only: every user of a machine can read what is on a command line. */
export const CLIENT_OPTIONS = {
  '--endpoints <list>': {
    what: 'client addresses of servers, separated by commas: host:port',
    parse: parseEndpoints,
    byDefault: DEFAULT_ENDPOINTS,
    shown: DEFAULT_ENDPOINTS.join(','),
  },
  '--token-file <file>': 'file with the token to show to the servers',
  '--tls-ca <file>': 'PEM file with the authorities of the servers; turns on https',
  '--tls-cert <file>':
    'PEM file with our certificate, for servers that require one; turns on https',
  '--tls-key <file>': 'PEM file with the private key of --tls-cert',
  '--timeout <duration>': {
    what: 'give up when no server has answered by then',
    ...duration(5_000),
  },
  ...outputOption('simple'),
} as const satisfies OptionTable;

export type ClientOptions = OptionsOf<typeof CLIENT_OPTIONS>;

/** @throws CommandError that names the file */
export async function connectionOf(options: ClientOptions) {
  const { tokenFile, tlsCa, tlsCert } = options;
  const scheme = tlsCa === undefined && tlsCert === undefined ? 'http' : 'https';
  const endpoints = options.endpoints.map((endpoint) =>
    parseClientAddress(endpoint.includes('://') ? endpoint : `${scheme}://${endpoint}`),
  );
  const http = nodeHttpRequests(await tlsOf(options));
  const token = tokenFile === undefined ? null : tokenIn(tokenFile);
  return {
    /** For `connect`. */
    servers: { endpoints, http, ...(token !== null && { token }) },
    /** For single requests: shows the token, if there is one. */
    port: token === null ? http : tokenPort(http, token),
  };
}

async function tlsOf(options: ClientOptions): Promise<NodeHttpPortOptions> {
  const { tlsCa, tlsCert: cert, tlsKey: key } = options;
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
    throw usageError(`--tls-${given} needs --tls-${missing}: give both, or neither`);
  }
  if (tlsCa === undefined && cert === undefined) return {};
  const { readAuthorities, readTlsFiles } = await import('../node/tls-files.ts');
  return orUsageError(() => {
    const shown = cert === undefined || key === undefined ? null : readTlsFiles({ cert, key });
    return {
      ...(tlsCa === undefined ? {} : { ca: readAuthorities(tlsCa) }),
      ...(shown === null ? {} : { cert: shown.cert, key: shown.key }),
    };
  });
}

/** One word; the newline at its end is not part of it. */
function tokenIn(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw usageError(`--token-file ${path} cannot be read: ${code}`);
  }
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw usageError(
    `--token-file ${path} holds no token: it is one word, as statecraft token create printed it`,
  );
}

/** As they were written, if they can be addresses: without a scheme, other options decide it. */
function parseEndpoints(text: string): readonly string[] {
  const endpoints = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  for (const endpoint of endpoints) parseClientAddress(endpoint);
  if (endpoints.length > 0) return endpoints;
  throw new InvalidArgumentError('Name at least one server, such as 127.0.0.1:7101.');
}
