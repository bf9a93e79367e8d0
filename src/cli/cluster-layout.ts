/**
 * Which servers a local cluster has, with their ports and directories, and whether the existing
 * directories fit: they were all created together, for exactly these servers.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterIdOf } from '../formats/cluster-id.ts';
import type { OptionsOf, OptionTable } from './command-table.ts';
import { usageError } from './exit-codes.ts';
import { parsePort, wholeNumber } from './option-values.ts';

export interface ServerLayout {
  readonly id: string;
  readonly directory: string;
  readonly clientPort: number;
  readonly peerPort: number;
}

export const CLUSTER_HOST = '127.0.0.1';

export const LAYOUT_OPTIONS = {
  '--servers <number>': {
    what: 'how many servers, from 1 to 9; 3 or 5 is best',
    parse: wholeNumber(1, 9, 'A cluster here has 1 to 9 servers; 3 or 5 is best.'),
    byDefault: 3,
  },
  '--data-dir <directory>': {
    what: 'holds a directory for each server',
    byDefault: '.statecraft',
  },
  '--client-port <port>': {
    what: 'port for clients of the first server; the others take the next ones',
    parse: parsePort,
    byDefault: 7101,
  },
  '--peer-port <port>': {
    what: 'the same, for traffic between the servers',
    parse: parsePort,
    byDefault: 7201,
  },
} as const satisfies OptionTable;

export type ClusterOptions = OptionsOf<typeof LAYOUT_OPTIONS> & { readonly clusterName: string };

const SERVERS_MAX = 9;
const PORT_MAX = 65_535;

/** @throws CommandError when the ports do not fit */
export function layoutOf(options: ClusterOptions): readonly ServerLayout[] {
  const { servers, dataDir, clientPort, peerPort } = options;
  const isOverlapping = Math.abs(clientPort - peerPort) < servers;
  if (isOverlapping || Math.max(clientPort, peerPort) + servers - 1 > PORT_MAX) {
    throw usageError(
      `--client-port ${clientPort} and --peer-port ${peerPort} do not leave ${servers} ports each ` +
        `below ${PORT_MAX + 1}: choose others`,
    );
  }
  return idsOf(servers).map((id, at) => ({
    id,
    directory: join(dataDir, id),
    clientPort: clientPort + at,
    peerPort: peerPort + at,
  }));
}

/**
 * Whether this is the first start of the whole cluster.
 * @throws CommandError when the directories belong to another cluster, or some are missing
 */
export function isFirstStart(options: ClusterOptions, places: readonly ServerLayout[]): boolean {
  const present = idsOf(SERVERS_MAX).filter((id) => isComplete(join(options.dataDir, id)));
  if (present.length === 0) return true;
  const madeFor = present.map((id) => serversOf(options, id)).find((count) => count !== null);
  if (madeFor && madeFor !== options.servers) {
    throw usageError(
      `${options.dataDir} was made for ${madeFor} servers (${idsOf(madeFor).join(', ')}), not for ` +
        `${options.servers}: start it with --servers ${madeFor}, or choose another --data-dir`,
    );
  }
  const missing = places.filter(({ directory }) => !isComplete(directory));
  if (missing.length === 0) return false;
  const lost = missing.map(({ directory }) => directory).join(', ');
  const ids = missing.map(({ id }) => id).join(', ');
  throw usageError(
    `${lost} is gone, but the data of ${present.join(', ')} is still there. A server that starts ` +
      `anew under its old name could vote twice, so ${ids} is not started: restore the directory ` +
      `from where it went, or replace the server by one of another name; if the cluster holds ` +
      `nothing you need, remove all of ${options.dataDir}`,
  );
}

function idsOf(servers: number): readonly string[] {
  return Array.from({ length: servers }, (_, at) => String.fromCharCode(97 + at));
}

/** The identity is written last: without it, a directory was never finished. */
function isComplete(directory: string): boolean {
  return existsSync(join(directory, 'identity'));
}

/** How many servers the cluster of that directory was created with; null when it is not a local one. */
function serversOf({ dataDir, clusterName }: ClusterOptions, id: string): number | null {
  const clusterId = clusterIdIn(join(dataDir, id, 'identity'));
  const counts = Array.from({ length: SERVERS_MAX }, (_, at) => at + 1);
  return counts.find((count) => clusterIdOf(clusterName, idsOf(count)) === clusterId) ?? null;
}

/** The server itself reports a damaged identity. */
function clusterIdIn(path: string): unknown {
  try {
    const [content = ''] = readFileSync(path, 'utf8').split('\n');
    return (JSON.parse(content) as { clusterId?: unknown }).clusterId;
  } catch {
    return null;
  }
}
