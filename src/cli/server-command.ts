/** `statecraft server`: one server of a cluster, in this process. */

import { join } from 'node:path';
import { isWildcard } from '../formats/address.ts';
import { keyValue } from '../kv/key-value.ts';
import { fileStorage } from '../node/file-storage.ts';
import { isLoopback } from '../node/loopback.ts';
import { hostPortText } from '../node/port-holder.ts';
import { startServer } from '../node/start-server.ts';
import { packageVersion } from '../node/this-package.ts';
import { createService, type Service } from '../service/service.ts';
import { auditObserver, ClientPort } from './client-port.ts';
import { assertKnowsWhoAsks, assertTogether } from './client-port-options.ts';
import type { CommandDetails, OptionsOf, OptionTable } from './command-table.ts';
import { boundsOf, DESCRIPTORS, descriptorsWarning } from './connection-bounds.ts';
import { usageError } from './exit-codes.ts';
import { createLog } from './log.ts';
import { returnMemoryAtRest } from './memory-at-rest.ts';
import { type HostPort, parseClientAddress, parseCluster, parseHostPort } from './option-values.ts';
import { PEER_OPTIONS, peerSettings } from './peer-options.ts';
import { assertFree, listening } from './port-holder.ts';
import { protocolOf } from './protocol-options.ts';
import { ServerLifetime } from './server-lifetime.ts';
import { SHARED_OPTIONS } from './shared-options.ts';

/** A value of 1 MiB, its key and a few more bytes. */
const COMMAND_BYTES_MAX = 1024 * 1024 + 8 * 1024;
const DEFAULT_CLIENT_ADDRESS = { host: '127.0.0.1', port: 7101 };

const OPTIONS = {
  '--id <id>': { what: 'its name in the cluster, one of --cluster', isRequired: true },
  '--cluster <list>': {
    what: 'all servers, with their addresses for each other: a=host:port,b=host:port,c=host:port',
    parse: parseCluster,
    isRequired: true,
  },
  '--bootstrap':
    'make an empty directory a member of a new cluster: only for the first start of the whole ' +
    'cluster',
  '--peer-addr <address>': {
    what: 'host:port where it listens for the other servers; default: as in --cluster',
    parse: parseHostPort,
  },
  '--client-addr <address>': {
    what: 'host:port where it listens for clients',
    parse: parseHostPort,
    byDefault: DEFAULT_CLIENT_ADDRESS,
    shown: hostPortText(DEFAULT_CLIENT_ADDRESS),
  },
  '--advertise-client-addr <url>': {
    what: 'where clients reach it, such as http://node1:7101; default: as in --client-addr',
    parse: parseClientAddress,
  },
  '--data-dir <directory>':
    'its data directory, used by no other server; default: .statecraft/<id>',
  ...PEER_OPTIONS,
  ...SHARED_OPTIONS,
} as const satisfies OptionTable;

type ServerOptions = OptionsOf<typeof OPTIONS>;

export const SERVER_COMMAND: CommandDetails = {
  options: OPTIONS,
  examples: [
    'statecraft server --id a --cluster a=127.0.0.1:7201 --bootstrap',
    'statecraft server --id a --cluster a=10.0.0.1:7201,b=10.0.0.2:7201,c=10.0.0.3:7201 \\',
    '  --cluster-key-file cluster.key --client-addr 10.0.0.1:7101 --data-dir /var/lib/statecraft/a \\',
    '  --tokens tokens.json --tls-cert server.crt --tls-key server.key --bootstrap',
    'STATECRAFT_ID=a STATECRAFT_CLUSTER=a=127.0.0.1:7201 statecraft server --bootstrap',
  ],
  runCommandLine: runServer,
};

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
  const protocol = protocolOf(options);
  const lifetime = new ServerLifetime(id, createLog(options));
  try {
    const port = new ClientPort(id, options, (message) => lifetime.log(message, 'info', 'files'));
    const clients = `clients of server ${id}`;
    await assertFree(options.clientAddr, clients);
    await assertFree(options.peerAddr ?? own, `the peers of server ${id}`);
    const service = await start(options, own, protocol, lifetime, port);
    await listening(options.clientAddr, clients, service.listen(options.clientAddr));
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
  lifetime: ServerLifetime,
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
    software: `statecraft ${packageVersion()}`,
    stateMachine: keyValue,
    timing,
    parameters: { ...parameters, commandBytesMax: COMMAND_BYTES_MAX },
    ...(options.maxBytes === undefined ? {} : { storedBytesMax: options.maxBytes }),
    observer: {
      onWarning: (message) => lifetime.log(message, 'warn', 'warning'),
      ...auditObserver(port),
    },
  });
  if (options.explain) lifetime.explain(server);
  const bounds = boundsOf(options.maxConnectionsPerAddress);
  const warning = descriptorsWarning(bounds);
  if (warning !== null) lifetime.log(warning, 'warn', 'open_files');
  const service = createService({
    server,
    bounds,
    descriptors: DESCRIPTORS,
    advertisedClientAddress: advertised,
    requestTimeoutMs: options.requestTimeout,
    version: packageVersion(),
    inspects: options.inspect,
    ...port.serviceOptions,
  });
  port.attach(service);
  lifetime.owns({ server, service, port, directory });
  return service;
}

/** @throws CommandError for an address to which nobody can connect */
function assertDialable({ clientAddr, advertiseClientAddr }: ServerOptions): void {
  if (advertiseClientAddr !== undefined || !isWildcard(clientAddr.host)) return;
  throw usageError(
    `--client-addr ${hostPortText(clientAddr)} listens on every address, so clients need to know one: ` +
      'give it with --advertise-client-addr',
  );
}

/** @throws CommandError where strangers could use it, or read the token in transit */
function assertInspectable({ clientAddr, tokens, tlsCert, clientCa }: ServerOptions): void {
  const knowsClients = tokens !== undefined || clientCa !== undefined;
  if (isLoopback(clientAddr.host) || (tlsCert !== undefined && knowsClients)) return;
  throw usageError(
    `--inspect shows everything to whoever can reach ${hostPortText(clientAddr)}: leave it out, ` +
      'listen on 127.0.0.1 with --client-addr, or give --tls-cert and --tls-key with --tokens',
  );
}
