/** Where servers reach each other: `ws://host:port` or `wss://host:port`, one address per server. */

import type { ServerId } from '../../machines/rules/entries.ts';
import { StartError } from '../host/errors.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** @throws StartError when it is no address that can be dialled. */
export function assertPeerAddress(peer: ServerId, address: string): void {
  const url = URL.canParse(address) ? new URL(address) : null;
  if (/^wss?:$/.test(url?.protocol ?? '') && url?.hostname !== '') return;
  throw new StartError(
    `The address of server ${peer}, ${JSON.stringify(address)}, is not valid: write ws://host:port on this machine, wss://host:port beyond it.`,
  );
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
