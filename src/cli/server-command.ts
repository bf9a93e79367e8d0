/** `statecraft server`: one server of a cluster, in this process. */

import { join } from 'node:path';
import { isWildcard } from '../formats/address.ts';
import { keyValue } from '../kv/key-value.ts';
import { fileStorage } from '../node/file-storage.ts';
import { isLoopback } from '../node/loopback.ts';
import { hostPortText } from '../node/port-holder.ts';
import { startServer } from '../node/start-server.ts';
import { createService, type Service } from '../service/service.ts';
import { type Command, Option } from '../vendor/commander.ts';
import {
  addBoundOptions,
  assertDescriptors,
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
import { withExamples } from './help.ts';
import { addLogOptions, createLog, type LogOptions } from './log.ts';
import { returnMemoryAtRest } from './memory-at-rest.ts';
import { type PeerOptions, peerSettings, withPeerOptions } from './peer-options.ts';
import { assertFree, taken } from './port-holder.ts';
import { addProtocolOptions, type ProtocolOptions, protocolOf } from './protocol-options.ts';
import { Lifetime } from './server-lifetime.ts';
import { requestTimeoutOption } from './value-options.ts';
import {
  type HostPort,
  type PeerAddress,
  parseBytes,
  parseClientAddress,
  parseCluster,
  parseHostPort,
} from './values.ts';
import { VERSION } from './version.ts';

interface ServerOptions
  extends PeerOptions,
    ClientPortOptions,
    BoundOptions,
    ProtocolOptions,
    LogOptions {
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
  const command = program
    .command('server')
    .description(
      'Run one server of a cluster, until a signal ends it. It says on stderr what happens, and ends ' +
        'with 2 and one sentence when it cannot start.',
    )
    .requiredOption('--id <id>', 'its name in the cluster, one of --cluster')
    .requiredOption(
      '--cluster <list>',
      'all servers with their addresses for each other: a=host:port,b=host:port,c=host:port',
      parseCluster,
    )
    .option(
      '--cluster-name <name>',
      'servers of clusters with other names are refused',
      'statecraft',
    )
    .option(
      '--bootstrap',
      'make an empty directory a member of a new cluster: for the first start of the whole cluster, ' +
        'and never again',
      false,
    )
    .option(
      '--peer-addr <address>',
      'host:port where it listens for the other servers; default: as in --cluster',
      parseHostPort,
    )
    .addOption(
      new Option('--client-addr <address>', 'host:port where it listens for clients')
        .argParser(parseHostPort)
        .default(DEFAULT_CLIENT_ADDRESS, hostPortText(DEFAULT_CLIENT_ADDRESS)),
    )
    .option(
      '--advertise-client-addr <url>',
      'where clients reach it, such as http://node1:7101; default: as --client-addr says',
      parseClientAddress,
    )
    .option(
      '--data-dir <directory>',
      'its data directory, used by no other server; default: .statecraft/<id>',
    )
    .addOption(requestTimeoutOption())
    .option(
      '--max-bytes <size>',
      'most bytes of all keys and values, checked while this server leads; default: no limit',
      parseBytes,
    )
    .option('--inspect', 'serve a page at /inspect that shows its inside', false)
    .action(runServer);
  withClientPortOptions(withPeerOptions(command));
  addLogOptions(addProtocolOptions(addBoundOptions(command)));
  withExamples(command, [
    'statecraft server --id a --cluster a=127.0.0.1:7201 --bootstrap',
    'statecraft server --id a --cluster a=10.0.0.1:7201,b=10.0.0.2:7201,c=10.0.0.3:7201 \\',
    '  --cluster-key-file cluster.key --client-addr 10.0.0.1:7101 --data-dir /var/lib/statecraft/a \\',
    '  --tokens tokens.json --tls-cert server.crt --tls-key server.key --bootstrap',
    'STATECRAFT_ID=a STATECRAFT_CLUSTER=a=127.0.0.1:7201 statecraft server --bootstrap',
  ]);
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
  assertDescriptors();
  assertDialable(options);
  const warnings = assertKnowsWhoAsks(options.clientAddr, options);
  if (options.inspect) assertInspectable(options);
  const protocol = protocolOf(options);
  const lifetime = new Lifetime(id, createLog(options));
  try {
    const port = new ClientPort(id, options, (message) => lifetime.log(message, 'info', 'files'));
    await assertFree(options.clientAddr, `clients of server ${id}`);
    await assertFree(options.peerAddr ?? own, `the peers of server ${id}`);
    const service = await start(options, own, protocol, lifetime, port);
    await listen(service, options.clientAddr, id);
  } catch (error) {
    await lifetime.cannotStart(error);
  }
  returnMemoryAtRest();
  lifetime.started();
  for (const warning of warnings) lifetime.log(warning, 'warn', 'client_port');
}

async function start(
  options: ServerOptions,
  own: HostPort,
  { timing, parameters }: ReturnType<typeof protocolOf>,
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
    timing,
    parameters: { ...parameters, commandBytesMax: COMMAND_BYTES_MAX },
    ...(options.maxBytes === undefined ? {} : { storedBytesMax: options.maxBytes }),
    observer: {
      onWarning: (message) => lifetime.log(message, 'warn', 'warning'),
      ...auditing(port),
    },
  });
  if (options.explain) lifetime.explain(server);
  const bounds = boundsOf(options);
  const warning = descriptorsWarning(bounds);
  if (warning !== null) lifetime.log(warning, 'warn', 'open_files');
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
  lifetime.owns(server, service, port, directory);
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
