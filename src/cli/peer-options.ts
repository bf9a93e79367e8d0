/** How a server proves to the others that it belongs to the cluster. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { makeClusterKeyFile } from '../node/cluster-key-file.ts';
import { isLoopback } from '../node/loopback.ts';
import { hostPortText } from '../node/port-holder.ts';
import type { OptionsOf, OptionTable } from './command-table.ts';
import { usageError } from './exit-codes.ts';
import type { HostPort, PeerAddress } from './option-values.ts';

export const PEER_OPTIONS = {
  '--cluster-key-file <file>':
    'the key by which servers know each other (statecraft key new); required beyond one machine',
  '--peer-cert <file>': 'certificate (PEM) that names this server, instead of the key',
  '--peer-key <file>': 'private key (PEM) of --peer-cert',
  '--peer-ca <file>':
    "the cluster's own authority (PEM), which signs the certificates of all its servers",
  '--peer-plaintext':
    'allow unencrypted traffic between machines: only where the network protects it',
} as const satisfies OptionTable;

export type PeerOptions = OptionsOf<typeof PEER_OPTIONS>;

/**
 * Plain WebSockets on this machine, TLS as soon as one address is another machine's.
 * @throws CommandError when something is missing that servers on several machines need
 */
export function peerSettings(
  options: PeerOptions,
  addresses: ReadonlyMap<string, PeerAddress>,
  listen: HostPort | undefined,
) {
  const { peerPlaintext } = options;
  const peerTls = certificatesOf(options);
  const hosts = [...addresses.values(), ...(listen === undefined ? [] : [listen])];
  const isOwnMachine = hosts.every(({ host }) => isLoopback(host));
  const isSecure = peerTls !== null || !(isOwnMachine || peerPlaintext);
  const url = (address: PeerAddress) =>
    `${address.scheme ?? (isSecure ? 'wss' : 'ws')}://${hostPortText(address)}`;
  const cluster = Object.fromEntries([...addresses].map(([id, address]) => [id, url(address)]));
  const file = options.clusterKeyFile ?? (peerTls === null ? keyOfThisUser(isOwnMachine) : null);
  return {
    cluster,
    peerPlaintext,
    ...(file === null ? {} : { clusterKey: { file } }),
    ...(peerTls === null ? {} : { peerTls }),
  };
}

function certificatesOf({ peerCert: cert, peerKey: key, peerCa: ca }: PeerOptions) {
  if (cert === undefined && key === undefined && ca === undefined) return null;
  if (cert !== undefined && key !== undefined && ca !== undefined) return { cert, key, ca };
  throw usageError(
    '--peer-cert, --peer-key and --peer-ca belong together: give all three, or none of them',
  );
}

/** Servers of one user on one machine share a key, which is made when it is first needed. */
function keyOfThisUser(isOwnMachine: boolean): string {
  if (!isOwnMachine) {
    throw usageError(
      'servers on several machines need the same key: make one with statecraft key new cluster.key, ' +
        'copy it to each machine, and start each server with --cluster-key-file cluster.key',
    );
  }
  const state = process.env.XDG_STATE_HOME || join(homedir(), '.local', 'state');
  const file = join(state, 'statecraft', 'loopback.key');
  makeClusterKeyFile(file);
  return file;
}
