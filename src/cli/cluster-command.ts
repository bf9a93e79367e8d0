/** `statecraft cluster`: a whole cluster on this machine, one process per server. */

import { join, parse, resolve } from 'node:path';
import { makeClusterKeyFile } from '../node/cluster-key-file.ts';
import { assertTogether } from './client-port-options.ts';
import {
  CLUSTER_HOST,
  type ClusterOptions,
  isFirstStart,
  LAYOUT_OPTIONS,
  layoutOf,
  type ServerLayout,
} from './cluster-layout.ts';
import { type CommandDetails, flagsOf, type OptionsOf, type OptionTable } from './command-table.ts';
import { EXIT, type ExitCode, errorLine, orUsageError } from './exit-codes.ts';
import { createLog } from './log.ts';
import { printLine } from './output.ts';
import { assertFree } from './port-holder.ts';
import { protocolOf } from './protocol-options.ts';
import { ReadinessMonitor } from './readiness.ts';
import { SHARED_OPTIONS } from './shared-options.ts';
import { onShutdown } from './shutdown-signals.ts';
import { launchServer, type Supervised, Supervisor } from './supervisor.ts';

const OPTIONS = {
  ...LAYOUT_OPTIONS,
  '--no-restart': 'leave a server down when its process ends',
  '--keep-running': 'keep running when the process that started this ends without a signal',
  ...SHARED_OPTIONS,
} as const satisfies OptionTable;

type Options = OptionsOf<typeof OPTIONS>;

export const CLUSTER_COMMAND: CommandDetails = {
  options: OPTIONS,
  examples: [
    'statecraft cluster',
    'statecraft cluster --servers 5 --data-dir /var/lib/statecraft --client-port 8101 --peer-port 8201',
    'statecraft cluster --tokens tokens.json --tls-cert server.crt --tls-key server.key',
    'STATECRAFT_SERVERS=1 statecraft cluster --log-format json',
  ],
  runCommandLine: runCluster,
};

async function runCluster(options: Options): Promise<void> {
  assertTogether(options);
  // Refused here once, rather than by each server.
  protocolOf(options);
  const layout = layoutOf(options);
  for (const { id, clientPort, peerPort } of layout) {
    await assertFree({ host: CLUSTER_HOST, port: clientPort }, `clients of server ${id}`);
    await assertFree({ host: CLUSTER_HOST, port: peerPort }, `the peers of server ${id}`);
  }
  const isFirst = isFirstStart(options, layout);
  orUsageError(() => makeClusterKeyFile(keyFileOf(options)));
  const what = isFirst ? 'making a new cluster' : 'starting the cluster';
  printLine(`${what} of ${layout.length} in ${resolve(options.dataDir)}`);
  await supervise(options, layout, isFirst);
}

async function supervise(
  options: Options,
  layout: readonly ServerLayout[],
  isFirst: boolean,
): Promise<void> {
  const scheme = options.tlsCert === undefined ? 'http' : 'https';
  const addresses = layout.map(({ clientPort }) => `${scheme}://${CLUSTER_HOST}:${clientPort}`);
  const log = createLog(options);
  let isEnding = false;
  let wasReady = false;
  const end = async (exitCode: ExitCode) => {
    if (isEnding) return;
    isEnding = true;
    readiness.close();
    await supervisor.stop();
    process.exit(exitCode);
  };
  const supervisor = new Supervisor({
    servers: layout.map((server) => supervised(options, layout, server, isFirst)),
    restarts: options.restart,
    launch: launchServer,
    log: (message, id) =>
      log({ level: 'warn', event: 'server_down', server: null, message, fields: { id } }),
    onStarted: (id, pid) => {
      const at = layout.findIndex((server) => server.id === id);
      printLine(
        `server ${id}: process ${pid}, clients ${addresses[at]}, ` +
          `peers ${CLUSTER_HOST}:${layout[at]?.peerPort}, data ${layout[at]?.directory}`,
      );
    },
    onDied: (id) => readiness.ended(id),
    onHealth: (id, health) => readiness.record(id, health),
    onAllDown: () => void end(EXIT.failed),
  });
  const readiness = new ReadinessMonitor({
    ids: layout.map(({ id }) => id),
    onReady: (leader) => {
      printLine(`ready: leader ${leader}, clients at ${addresses.join(' ')}`);
      if (!wasReady) printHints(options, addresses);
      wasReady = true;
    },
    onNotReady: printLine,
  });
  onShutdown({
    watchesParent: !options.keepRunning,
    onStop: (why) => {
      printLine(`stopping (${why})`);
      void end(EXIT.done);
    },
    onSecondInterrupt: () => {
      supervisor.killAll();
      process.exit(EXIT.interrupted);
    },
  });
  try {
    await supervisor.start();
  } catch (error) {
    if (isEnding) return;
    log({ level: 'error', event: 'cannot_start', message: errorLine(error), server: null });
    await end(EXIT.usage);
  }
}

function supervised(
  options: Options,
  layout: readonly ServerLayout[],
  server: ServerLayout,
  isFirst: boolean,
): Supervised {
  const { tokens, tlsCert, tlsKey, clientCa } = options;
  const cluster = layout.map(({ id, peerPort }) => `${id}=${CLUSTER_HOST}:${peerPort}`).join(',');
  const keyFile = keyFileOf(options);
  const named = [tokens, tlsCert, tlsKey, clientCa].filter((file) => file !== undefined);
  return {
    id: server.id,
    flags: [
      ...['--id', server.id, '--cluster', cluster, '--cluster-key-file', keyFile],
      ...['--client-addr', `${CLUSTER_HOST}:${server.clientPort}`, '--data-dir', server.directory],
      ...flagsOf(SHARED_OPTIONS, { ...options, ...ownAuditLog(options, server) }),
    ],
    firstFlags: isFirst ? ['--bootstrap'] : [],
    files: [server.directory, keyFile, ...named],
  };
}

/** Beside the servers' directories: a cluster that was made without one gets it at its next start. */
function keyFileOf({ dataDir }: ClusterOptions): string {
  return join(dataDir, 'cluster.key');
}

/**
 * Commands to try it with; whoever made certificates and tokens knows where they are. The token goes
 * through a pipe: every user of this machine can read what is on a command line.
 */
function printHints(options: Options, addresses: readonly string[]): void {
  const { tokens, tlsCert, clientCa, inspect } = options;
  const token = `printf 'Authorization: Bearer %s' "$(cat <token file>)" | `;
  const curl = [
    tokens === undefined ? 'curl -L' : `${token}curl --location-trusted -H @-`,
    ...(tlsCert === undefined ? [] : ['--cacert <authority file>']),
    ...(clientCa === undefined ? [] : ['--cert <file> --key <file>']),
  ].join(' ');
  if (inspect) printLine(`inspector: ${addresses[0]}/inspect`);
  printLine(`try: ${curl} -X PUT --data hello ${addresses[0]}/v1/kv/greeting`);
  printLine(`     ${curl} ${addresses.at(-1)}/v1/kv/greeting`);
}

/** Each server has a log of its own: `audit.log` is `audit-a.log` for server a. */
function ownAuditLog({ auditLog }: Options, { id }: ServerLayout): { auditLog?: string } {
  if (auditLog === undefined || auditLog === '-') return {};
  const { dir, name, ext } = parse(auditLog);
  return { auditLog: join(dir, `${name}-${id}${ext}`) };
}
