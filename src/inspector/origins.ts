/**
 * Which web pages may open the inspector's socket: those that a server of the cluster has served. A
 * browser lets any page open a WebSocket to this machine, and says in `Origin` where it is from.
 */
import { isLoopback } from '../node/loopback.ts';

/** Whether both are one address: the names of the loopback interface are one. */
export function isSameOrigin(one: string, other: string): boolean {
  return one !== '' && canonical(one) === canonical(other);
}

function canonical(origin: string): string {
  if (!URL.canParse(origin)) return origin;
  const { protocol, hostname, port } = new URL(origin);
  return `${protocol}//${isLoopback(hostname) ? 'localhost' : hostname}:${port}`;
}

/** Whether the page came from the very address that it asks, by whatever name that has. */
export function isOwnOrigin(origin: string, host: string | undefined): boolean {
  if (host === undefined || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  const asked = `${page.protocol}//${host}`;
  return URL.canParse(asked) && new URL(asked).host === page.host;
}

export interface SocketCaller {
  readonly origin: string | undefined;
  /** The name that it asked for, which is one of this server's. */
  readonly host?: string | undefined;
  /** The address of the other end of the connection. */
  readonly remoteAddress: string | undefined;
  /** Whether it proves who it is: then a program may be of another machine. */
  readonly isKnown?: boolean;
}

/**
 * @param addresses - of the servers that serve our page, e.g. `http://127.0.0.1:7101`; '' is nobody's
 * @returns null when the caller may come in, otherwise why not
 */
export function originRefusal(caller: SocketCaller, addresses: readonly string[]): string | null {
  const { origin, host, remoteAddress = '', isKnown = false } = caller;
  if (origin === undefined) {
    // Not a browser but a program on this machine, which may read the data directories anyway.
    const isLetIn = isKnown || isLoopback(remoteAddress);
    return isLetIn ? null : `${remoteAddress} is not this machine`;
  }
  if (isOwnOrigin(origin, host)) return null;
  if (addresses.some((address) => isSameOrigin(origin, address))) return null;
  return `pages from ${origin} may not inspect this server; open /inspect of one of the servers`;
}
