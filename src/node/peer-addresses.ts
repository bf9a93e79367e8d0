/** Where servers reach each other: `ws://host:port` or `wss://host:port`, one address per server. */

import type { ServerId } from '../../machines/rules/entries.ts';
import { PEER_ADDRESS, whyNotAddress } from '../formats/address.ts';
import { StartError } from '../host/errors.ts';

/** Where a server listens to the others, which need not be what they dial. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Our own, too: the others dial it. Alone, a server may listen where there is room.
 * @throws StartError for one that cannot be dialled
 */
export function assertPeerAddresses(cluster: Readonly<Record<ServerId, string>>): void {
  const addresses = Object.entries(cluster);
  const isAlone = addresses.length === 1;
  for (const [peer, given] of addresses) {
    const address = isAlone ? given.replace(/:0\/?$/, ':1') : given;
    const why = whyNotAddress(address, PEER_ADDRESS);
    if (why === null) continue;
    throw new StartError(`The address of server ${peer}, ${JSON.stringify(address)}, ${why}.`);
  }
}

/** Host and port of our own address. @throws StartError when the cluster does not have it. */
export function ownListenAddress(
  id: ServerId,
  cluster: Readonly<Record<ServerId, string>>,
): ListenAddress {
  const address = cluster[id];
  if (address === undefined) {
    throw new StartError(
      `Server ${id} is not one of its cluster (${Object.keys(cluster).join(', ')}): ` +
        'give its own address too, or say where it listens.',
    );
  }
  const { protocol, hostname, port } = new URL(address);
  const portDefault = protocol === 'wss:' ? 443 : 80;
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || portDefault) };
}
