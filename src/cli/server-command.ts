/** `statecraft server`: one server of a cluster, in this process. */

import { join } from 'node:path';
import { keyValue } from '../kv/key-value.ts';
import { fileStorage } from '../node/file-storage.ts';
import { isLoopback } from '../node/loopback.ts';
import { filePeerMemory } from '../node/peer-memory.ts';
import { hostPortText } from '../node/port-holder.ts';
import { startServer } from '../node/start-server.ts';
import { webSocketTransport } from '../node/websocket-transport.ts';
import { createService, type Service } from '../service/service.ts';
import { type Command, Option } from '../vendor/commander.ts';
import {
  addBoundOptions,
  type BoundOptions,
  boundsOf,
  DESCRIPTORS,
  descriptorsWarning,
} from './bound-options.ts';
import { lineOf, usageError } from './exit-codes.ts';
import { returnMemoryAtRest } from './memory-at-rest.ts';
import { assertFree, taken } from './port-holder.ts';
import { SaidOnce } from './said-once.ts';
import { Lifetime } from './server-lifetime.ts';
import {
  type HostPort,
  isWildcard,
  parseClientAddress,
  parseCluster,
  parseDuration,
  parseHostPort,
} from './values.ts';
import { VERSION } from './version.ts';

interface ServerOptions extends BoundOptions {
  readonly id: string;
  readonly cluster: ReadonlyMap<string, HostPort>;
  readonly clusterName: string;
  readonly bootstrap: boolean;
  readonly peerAddr?: HostPort;
  readonly clientAddr: HostPort;
  readonly advertiseClientAddr?: string;
  readonly dataDir?: string;
  readonly requestTimeout: number;
  readonly inspect: boolean;
}

/** A value of 1 MiB comes with its key and a few bytes more. */
const COMMAND_BYTES_MAX = 1024 * 1024 + 8 * 1024;
/** What a cluster that comes and goes says all the time; the state of it is in `/readyz`. */
const ORDINARY: ReadonlySet<string> = new Set(['connected', 'lost']);
const DEFAULT_CLIENT_ADDRESS = { host: '127.0.0.1', port: 7101 };

export function addServerCommand(program: Command): void {
  const command = program
    .command('server')
    .description('Run one server of a cluster.')
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
    .option('--inspect', 'a page at /inspect that looks inside, for this machine only', false)
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
  if (options.inspect) assertInspectable(options.clientAddr);
  const lifetime = new Lifetime(id);
  try {
    await assertFree(options.clientAddr, `clients of server ${id}`);
    await assertFree(options.peerAddr ?? own, `the peers of server ${id}`);
    const service = await start(options, own, lifetime);
    await listen(service, options.clientAddr, id);
  } catch (error) {
    await lifetime.cannotStart(error);
  }
  returnMemoryAtRest();
  lifetime.started();
}

async function start(options: ServerOptions, own: HostPort, lifetime: Lifetime): Promise<Service> {
  const { id, clientAddr } = options;
  const directory = options.dataDir ?? join('.statecraft', id);
  const advertised = options.advertiseClientAddr ?? advertisedBy(clientAddr);
  const cluster = peerUrls(options.cluster);
  const said = new SaidOnce();
  const server = await startServer({
    id,
    cluster,
    clusterName: options.clusterName,
    clientAddress: advertised,
    bootstrap: options.bootstrap,
    storage: fileStorage(directory),
    transport: webSocketTransport({
      id,
      cluster,
      listen: options.peerAddr ?? own,
      memory: filePeerMemory(directory),
      software: `statecraft ${VERSION}`,
      onEvent: ({ type, message }) => {
        if (!ORDINARY.has(type) && said.isNews(message)) lifetime.log(message);
      },
    }),
    stateMachine: keyValue,
    ...(options.maxBytes === undefined ? {} : { maxBytes: options.maxBytes }),
    parameters: { commandBytesMax: COMMAND_BYTES_MAX },
    observer: { onWarning: (message) => lifetime.log(message) },
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
  });
  lifetime.owns(server, service);
  return service;
}

function peerUrls(cluster: ReadonlyMap<string, HostPort>): Record<string, string> {
  const entries = [...cluster].map(([id, address]) => [id, `ws://${hostPortText(address)}`]);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** @throws CommandError for an address that nobody else could dial */
function advertisedBy(clientAddr: HostPort): string {
  if (!isWildcard(clientAddr.host)) return `http://${hostPortText(clientAddr)}`;
  throw usageError(
    `--client-addr ${hostPortText(clientAddr)} listens everywhere, which tells clients nothing: ` +
      'say with --advertise-client-addr where they reach this server',
  );
}

/** @throws CommandError: whoever can reach the inspector sees every command of every client */
function assertInspectable(clientAddr: HostPort): void {
  if (isLoopback(clientAddr.host)) return;
  throw usageError(
    `--inspect shows everything to whoever can reach ${hostPortText(clientAddr)}, and is for this ` +
      'machine only: leave it out, or listen on 127.0.0.1 with --client-addr',
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
