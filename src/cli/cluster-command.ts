/** `statecraft cluster`: a whole cluster on this machine, one process per server. */

import { resolve } from 'node:path';
import type { Command } from '../vendor/commander.ts';
import { addBoundOptions, type BoundOptions, boundFlags } from './bound-options.ts';
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
import { assertFree } from './port-holder.ts';
import { Readiness } from './readiness.ts';
import { type Supervised, Supervisor } from './supervisor.ts';
import { parseDuration, parsePort, parseServerCount } from './values.ts';

interface Options extends ClusterOptions, BoundOptions {
  readonly restart: boolean;
  readonly keepRunning: boolean;
  readonly requestTimeout: number;
  readonly inspect: boolean;
}

export function addClusterCommand(program: Command): void {
  const command = program
    .command('cluster')
    .description('Run a whole cluster on this machine.')
    .option('--servers <number>', 'how many servers', parseServerCount, 3)
    .option('--data-dir <directory>', 'where their directories are', '.statecraft')
    .option('--client-port <port>', 'of the first server; the others follow', parsePort, 7101)
    .option('--peer-port <port>', 'likewise, for the servers among themselves', parsePort, 7201)
    .option('--cluster-name <name>', 'clusters of another name refuse each other', 'statecraft')
    .option('--request-timeout <duration>', 'no answer takes longer', parseDuration, 5_000)
    .option('--no-restart', 'leave a server down when its process ends')
    .option('--inspect', 'a page at /inspect of every server that looks inside', false)
    .option('--keep-running', 'go on when whoever started this ends without a signal', false)
    .action(runCluster);
  addBoundOptions(command);
}

async function runCluster(options: Options): Promise<void> {
  const places = layoutOf(options);
  for (const { id, clientPort, peerPort } of places) {
    await assertFree({ host: HOST, port: clientPort }, `clients of server ${id}`);
    await assertFree({ host: HOST, port: peerPort }, `the peers of server ${id}`);
  }
  const isFirst = isFirstStart(options, places);
  await new Cluster(options, places, isFirst).run();
}

class Cluster {
  readonly #options: Options;
  readonly #places: readonly ServerPlace[];
  readonly #supervisor: Supervisor;
  readonly #readiness: Readiness;
  #isEnding = false;
  #isReady = false;

  constructor(options: Options, places: readonly ServerPlace[], isFirst: boolean) {
    this.#options = options;
    this.#places = places;
    this.#supervisor = new Supervisor({
      servers: places.map((place) => supervised(options, places, place, isFirst)),
      script: process.argv[1] ?? '',
      restarts: options.restart,
      log: complain,
      onStarted: (id, pid) => this.#started(id, pid),
      onDied: () => this.#readiness.doubt(),
      onAllDown: () => void this.#end(EXIT.failed),
    });
    this.#readiness = new Readiness({
      addresses: places.map(clientAddressOf),
      onReady: (leader) => this.#ready(leader),
      onNotReady: () => say('not ready: not every server is up and knows a leader'),
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
      complain(lineOf(usageError(lineOf(error))));
      await this.#end(EXIT.usage);
      return;
    }
    await this.#readiness.watch();
  }

  #started(id: string, pid: number): void {
    const place = this.#places.find((candidate) => candidate.id === id);
    if (place === undefined) return;
    say(
      `server ${id}: process ${pid}, clients ${clientAddressOf(place)}, ` +
        `peers ${HOST}:${place.peerPort}, data ${place.directory}`,
    );
  }

  #ready(leader: string): void {
    const addresses = this.#places.map(clientAddressOf);
    say(`ready: leader ${leader}, clients at ${addresses.join(' ')}`);
    if (this.#isReady) return;
    this.#isReady = true;
    if (this.#options.inspect) say(`inspector: ${addresses[0]}/inspect`);
    say(`try: curl -L -X PUT --data hello ${addresses[0]}/v1/kv/greeting`);
    say(`     curl -L ${addresses.at(-1)}/v1/kv/greeting`);
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
    .concat(['--client-addr', `${HOST}:${place.clientPort}`])
    .concat(['--request-timeout', `${options.requestTimeout}ms`])
    .concat(boundFlags(options))
    .concat(options.inspect ? ['--inspect'] : []);
  return { id: place.id, flags, firstFlags: isFirst ? ['--bootstrap'] : [] };
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function complain(line: string): void {
  process.stderr.write(`statecraft: ${line}\n`);
}
