/** `statecraft server`: one server of a cluster, in this process. */

import { join } from 'node:path';
import { keyValue } from '../kv/key-value.ts';
import { fileStorage } from '../node/file-storage.ts';
import { isLoopback } from '../node/loopback.ts';
import { hostPortText } from '../node/port-holder.ts';
import { startServer } from '../node/start-server.ts';
import { createService, type Service } from '../service/service.ts';
import { type Command, Option } from '../vendor/commander.ts';
import {
  addBoundOptions,
  type BoundOptions,
  boundsOf,
  DESCRIPTORS,
  descriptorsWarning,
} from './bound-options.ts';
import { auditing, ClientPort } from './client-port.ts';
import {
  assertKnowsWhoAsks,
  assertTogether,
  type ClientPortOptions,
  withClientPortOptions,
} from './client-port-options.ts';
import { lineOf, usageError } from './exit-codes.ts';
import { returnMemoryAtRest } from './memory-at-rest.ts';
import { type PeerOptions, peerSettings, withPeerOptions } from './peer-options.ts';
import { assertFree, taken } from './port-holder.ts';
import { Lifetime } from './server-lifetime.ts';
import {
  type HostPort,
  isWildcard,
  type PeerAddress,
  parseBytes,
  parseClientAddress,
  parseCluster,
  parseDuration,
  parseHostPort,
} from './values.ts';
import { VERSION } from './version.ts';

interface ServerOptions extends PeerOptions, ClientPortOptions, BoundOptions {
  readonly id: string;
  readonly cluster: ReadonlyMap<string, PeerAddress>;
  readonly clusterName: string;
  readonly bootstrap: boolean;
  readonly peerAddr?: HostPort;
  readonly clientAddr: HostPort;
  readonly advertiseClientAddr?: string;
  readonly dataDir?: string;
  readonly requestTimeout: number;
  readonly maxBytes?: number;
  readonly inspect: boolean;
}

/** A value of 1 MiB comes with its key and a few bytes more. */
const COMMAND_BYTES_MAX = 1024 * 1024 + 8 * 1024;
const DEFAULT_CLIENT_ADDRESS = { host: '127.0.0.1', port: 7101 };

export function addServerCommand(program: Command): void {
  const command = withClientPortOptions(
    withPeerOptions(program.command('server').description('Run one server of a cluster.')),
  )
    .requiredOption('--id <id>', 'its name in the cluster')
    .requiredOption(
      '--cluster <list>',
      'all servers: a=host:peerPort,b=host:peerPort',
      parseCluster,
    )
    .option('--cluster-name <name>', 'clusters of another name refuse each other', 'statecraft')
    .option('--bootstrap', 'make a new cluster: only for the first start of all its servers', false)
    .option('--peer-addr <address>', 'where it listens to the others', parseHostPort)
    .addOption(
      new Option('--client-addr <address>', 'where it listens to clients')
        .argParser(parseHostPort)
        .default(DEFAULT_CLIENT_ADDRESS, hostPortText(DEFAULT_CLIENT_ADDRESS)),
    )
    .option('--advertise-client-addr <url>', 'where clients reach it', parseClientAddress)
    .option('--data-dir <directory>', "its directory, and no other server's (.statecraft/<id>)")
    .option('--request-timeout <duration>', 'no answer takes longer', parseDuration, 5_000)
    .option('--max-bytes <size>', 'of all keys and values, while this server leads', parseBytes)
    .option('--inspect', 'a page at /inspect that looks inside', false)
    .action(runServer);
  addBoundOptions(command);
}

async function runServer(options: ServerOptions): Promise<void> {
  const { id, cluster } = options;
  const own = cluster.get(id);
  if (own === undefined) {
    throw usageError(
      `--id ${id} is not in --cluster, which names ${[...cluster.keys()].join(', ')}: ` +
        'add it, or choose one of these',
    );
  }
  assertTogether(options);
  assertDialable(options);
  const warnings = assertKnowsWhoAsks(options.clientAddr, options);
  if (options.inspect) assertInspectable(options);
  const lifetime = new Lifetime(id);
  try {
    const port = new ClientPort(id, options, (message) => lifetime.log(message));
    await assertFree(options.clientAddr, `clients of server ${id}`);
    await assertFree(options.peerAddr ?? own, `the peers of server ${id}`);
    const service = await start(options, own, lifetime, port);
    await listen(service, options.clientAddr, id);
  } catch (error) {
    await lifetime.cannotStart(error);
  }
  returnMemoryAtRest();
  lifetime.started();
  for (const warning of warnings) lifetime.log(warning);
}

async function start(
  options: ServerOptions,
  own: HostPort,
  lifetime: Lifetime,
  port: ClientPort,
): Promise<Service> {
  const { id, clientAddr } = options;
  const directory = options.dataDir ?? join('.statecraft', id);
  const advertised = options.advertiseClientAddr ?? `${port.scheme}://${hostPortText(clientAddr)}`;
  const peers = peerSettings(options, options.cluster, options.peerAddr);
  const server = await startServer({
    ...peers,
    id,
    clusterName: options.clusterName,
    clientAddress: advertised,
    bootstrap: options.bootstrap,
    storage: fileStorage(directory),
    peerListen: options.peerAddr ?? own,
    software: `statecraft ${VERSION}`,
    stateMachine: keyValue,
    parameters: { commandBytesMax: COMMAND_BYTES_MAX },
    ...(options.maxBytes === undefined ? {} : { storedBytesMax: options.maxBytes }),
    observer: { onWarning: (message) => lifetime.log(message), ...auditing(port) },
  });
  const bounds = boundsOf(options);
  const warning = descriptorsWarning(bounds);
  if (warning !== null) lifetime.log(warning);
  const service = createService({
    server,
    bounds,
    descriptors: DESCRIPTORS,
    advertisedClientAddress: advertised,
    requestTimeoutMs: options.requestTimeout,
    version: VERSION,
    inspects: options.inspect,
    ...port.part,
  });
  port.serves(service);
  lifetime.owns(server, service, port);
  return service;
}

/** @throws CommandError for an address that nobody else could dial */
function assertDialable({ clientAddr, advertiseClientAddr }: ServerOptions): void {
  if (advertiseClientAddr !== undefined || !isWildcard(clientAddr.host)) return;
  throw usageError(
    `--client-addr ${hostPortText(clientAddr)} listens everywhere, which tells clients nothing: ` +
      'say with --advertise-client-addr where they reach this server',
  );
}

/** @throws CommandError where strangers could look, or read the token on its way */
function assertInspectable({ clientAddr, tokens, tlsCert, clientCa }: ServerOptions): void {
  const knowsWhoLooks = tokens !== undefined || clientCa !== undefined;
  if (isLoopback(clientAddr.host) || (tlsCert !== undefined && knowsWhoLooks)) return;
  throw usageError(
    `--inspect shows everything to whoever can reach ${hostPortText(clientAddr)}: leave it out, ` +
      'listen on 127.0.0.1 with --client-addr, or give --tls-cert and --tls-key with --tokens',
  );
}

async function listen(service: Service, address: HostPort, id: string): Promise<void> {
  try {
    await service.listen(address);
  } catch (error) {
    const { code = lineOf(error) } = error as NodeJS.ErrnoException;
    throw await taken(address, `clients of server ${id}`, code);
  }
}
