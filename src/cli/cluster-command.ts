/** `statecraft cluster`: a whole cluster on this machine, one process per server. */

import { join, parse, resolve } from 'node:path';
import { makeClusterKeyFile } from '../node/cluster-key-file.ts';
import type { Command } from '../vendor/commander.ts';
import {
  addBoundOptions,
  assertDescriptors,
  type BoundOptions,
  boundFlags,
} from './bound-options.ts';
import {
  assertTogether,
  type ClientPortOptions,
  clientPortFlags,
  withClientPortOptions,
} from './client-port-options.ts';
import {
  type ClusterOptions,
  clientAddressOf,
  HOST,
  isFirstStart,
  layoutOf,
  type ServerPlace,
} from './cluster-layout.ts';
import { watchForEnd } from './ending.ts';
import { EXIT, type ExitCode, lineOf, usageError } from './exit-codes.ts';
import { withExamples } from './help.ts';
import { addLogOptions, createLog, type Log, type LogOptions, logFlags } from './log.ts';
import { assertFree } from './port-holder.ts';
import {
  addProtocolOptions,
  assertProtocol,
  type ProtocolOptions,
  protocolFlags,
} from './protocol-options.ts';
import { Readiness } from './readiness.ts';
import { launchServer, type Supervised, Supervisor } from './supervisor.ts';
import { requestTimeoutOption } from './value-options.ts';
import { parseBytes, parsePort, parseServerCount } from './values.ts';

interface Options
  extends ClusterOptions,
    ClientPortOptions,
    BoundOptions,
    ProtocolOptions,
    LogOptions {
  readonly restart: boolean;
  readonly keepRunning: boolean;
  readonly requestTimeout: number;
  readonly maxBytes?: number;
  readonly inspect: boolean;
}

export function addClusterCommand(program: Command): void {
  const command = program
    .command('cluster')
    .description(
      'Run a whole cluster on this machine: one process for each server a, b, c, started again when it ' +
        'dies. A line that begins with "ready:" says when all of them are; Ctrl-C stops them.',
    )
    .option(
      '--servers <number>',
      'how many servers, from 1 to 9; 3 or 5 is best',
      parseServerCount,
      3,
    )
    .option('--data-dir <directory>', 'holds a directory for each server', '.statecraft')
    .option(
      '--client-port <port>',
      'of the first server; the others have the next',
      parsePort,
      7101,
    )
    .option('--peer-port <port>', 'likewise, for the servers among themselves', parsePort, 7201)
    .option(
      '--cluster-name <name>',
      'servers of clusters with other names are refused',
      'statecraft',
    )
    .addOption(requestTimeoutOption())
    .option(
      '--max-bytes <size>',
      'most bytes of all keys and values; default: no limit',
      parseBytes,
    )
    .option('--no-restart', 'leave a server down when its process ends')
    .option('--inspect', 'serve a page at /inspect of every server that shows its inside', false)
    .option('--keep-running', 'go on when whoever started this ends without a signal', false)
    .action(runCluster);
  withClientPortOptions(command);
  addLogOptions(addProtocolOptions(addBoundOptions(command)));
  withExamples(command, [
    'statecraft cluster',
    'statecraft cluster --servers 5 --data-dir /var/lib/statecraft --client-port 8101 --peer-port 8201',
    'statecraft cluster --tokens tokens.json --tls-cert server.crt --tls-key server.key',
    'STATECRAFT_SERVERS=1 statecraft cluster --log-format json',
  ]);
}

async function runCluster(options: Options): Promise<void> {
  assertTogether(options);
  assertDescriptors();
  assertProtocol(options);
  const places = layoutOf(options);
  for (const { id, clientPort, peerPort } of places) {
    await assertFree({ host: HOST, port: clientPort }, `clients of server ${id}`);
    await assertFree({ host: HOST, port: peerPort }, `the peers of server ${id}`);
  }
  const isFirst = isFirstStart(options, places);
  makeKeyOnce(keyFileOf(options));
  await new Cluster(options, places, isFirst).run();
}

/** What the supervisor says of a server. */
const LOGGED = { level: 'warn', event: 'server_down', server: null } as const;

class Cluster {
  readonly #options: Options;
  readonly #places: readonly ServerPlace[];
  readonly #supervisor: Supervisor;
  readonly #readiness: Readiness;
  readonly #log: Log;
  #isEnding = false;
  #isReady = false;

  constructor(options: Options, places: readonly ServerPlace[], isFirst: boolean) {
    this.#options = options;
    this.#places = places;
    this.#log = createLog(options);
    this.#supervisor = new Supervisor({
      servers: places.map((place) => supervised(options, places, place, isFirst)),
      restarts: options.restart,
      launch: launchServer,
      log: (message, id) => this.#log({ ...LOGGED, message, fields: { id } }),
      onStarted: (id, pid) => this.#started(id, pid),
      onDied: (id) => this.#readiness.lost(id),
      onHealth: (id, health) => this.#readiness.note(id, health),
      onAllDown: () => void this.#end(EXIT.failed),
    });
    this.#readiness = new Readiness({
      ids: places.map(({ id }) => id),
      onReady: (leader) => this.#ready(leader),
      onNotReady: say,
    });
    say(
      isFirst
        ? `making a new cluster of ${places.length} in ${resolve(options.dataDir)}`
        : `starting the cluster of ${places.length} in ${resolve(options.dataDir)}`,
    );
  }

  async run(): Promise<void> {
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
    watchForEnd({
      watchesParent: !this.#options.keepRunning,
      onStop: (why) => {
        say(`stopping (${why})`);
        void this.#end(EXIT.done);
      },
      onImpatience: () => {
        this.#supervisor.killAll();
        process.exit(EXIT.interrupted);
      },
    });
    try {
      await this.#supervisor.start();
    } catch (error) {
      if (this.#isEnding) return;
      const message = lineOf(error);
      this.#log({ level: 'error', event: 'cannot_start', message, server: null });
      await this.#end(EXIT.usage);
    }
  }

  #started(id: string, pid: number): void {
    const place = this.#places.find((candidate) => candidate.id === id);
    if (place === undefined) return;
    say(
      `server ${id}: process ${pid}, clients ${this.#addressOf(place)}, ` +
        `peers ${HOST}:${place.peerPort}, data ${place.directory}`,
    );
  }

  #ready(leader: string): void {
    const addresses = this.#places.map((place) => this.#addressOf(place));
    say(`ready: leader ${leader}, clients at ${addresses.join(' ')}`);
    if (this.#isReady) return;
    this.#isReady = true;
    if (this.#options.inspect) say(`inspector: ${addresses[0]}/inspect`);
    const [put, get] = trials(this.#options, addresses);
    say(`try: ${put}`);
    say(`     ${get}`);
  }

  #addressOf(place: ServerPlace): string {
    return clientAddressOf(place, this.#options.tlsCert === undefined ? 'http' : 'https');
  }

  async #end(exitCode: ExitCode): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    this.#readiness.close();
    await this.#supervisor.stop();
    process.exit(exitCode);
  }
}

function supervised(
  options: Options,
  places: readonly ServerPlace[],
  place: ServerPlace,
  isFirst: boolean,
): Supervised {
  const cluster = places.map(({ id, peerPort }) => `${id}=${HOST}:${peerPort}`).join(',');
  const flags = ['--id', place.id, '--cluster', cluster]
    .concat(['--cluster-name', options.clusterName, '--data-dir', place.directory])
    .concat(['--cluster-key-file', keyFileOf(options)])
    .concat(['--client-addr', `${HOST}:${place.clientPort}`])
    .concat(['--request-timeout', `${options.requestTimeout}ms`])
    .concat(options.maxBytes === undefined ? [] : ['--max-bytes', `${options.maxBytes}`])
    .concat(boundFlags(options))
    .concat(protocolFlags(options))
    .concat(logFlags(options))
    .concat(options.inspect ? ['--inspect'] : [])
    .concat(clientPortFlags({ ...options, ...ownAuditLog(options, place) }));
  const { tokens, tlsCert, tlsKey, clientCa } = options;
  const named = [tokens, tlsCert, tlsKey, clientCa].filter((file) => file !== undefined);
  const files = [place.directory, keyFileOf(options), ...named];
  return { id: place.id, flags, firstFlags: isFirst ? ['--bootstrap'] : [], files };
}

/** Beside the servers' directories: a cluster that was made without one gets it at its next start. */
function keyFileOf({ dataDir }: ClusterOptions): string {
  return join(dataDir, 'cluster.key');
}

function makeKeyOnce(file: string): void {
  try {
    makeClusterKeyFile(file);
  } catch (error) {
    throw usageError(lineOf(error));
  }
}

/**
 * Commands to try it by; whoever made certificates and tokens knows where they are. The token goes by
 * a pipe: every user of this machine can read what stands on a command line.
 */
function trials(options: Options, addresses: readonly string[]): readonly [string, string] {
  const { tokens, tlsCert, clientCa } = options;
  const token = `printf 'Authorization: Bearer %s' "$(cat <token file>)" | `;
  const curl = [
    tokens === undefined ? 'curl -L' : `${token}curl --location-trusted -H @-`,
    ...(tlsCert === undefined ? [] : ['--cacert <authority file>']),
    ...(clientCa === undefined ? [] : ['--cert <file> --key <file>']),
  ].join(' ');
  const [first, last] = [addresses[0], addresses.at(-1)];
  return [`${curl} -X PUT --data hello ${first}/v1/kv/greeting`, `${curl} ${last}/v1/kv/greeting`];
}

/** Each server has a log of its own: `audit.log` is `audit-a.log` for server a. */
function ownAuditLog({ auditLog }: Options, { id }: ServerPlace): { auditLog?: string } {
  if (auditLog === undefined || auditLog === '-') return {};
  const { dir, name, ext } = parse(auditLog);
  return { auditLog: join(dir, `${name}-${id}${ext}`) };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
