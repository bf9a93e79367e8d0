/**
 * Which `Host` names this server: an IP literal, `localhost`, the advertised name or another that was
 * allowed, with any port, since a load balancer has its own. It refuses web pages that make a name of
 * their own point here (DNS rebinding).
 */
import { isIP } from 'node:net';

/**
 * @param others - names; `*.example.org` stands for every name that ends so
 * @returns a predicate that remembers its last answer: a connection repeats the same
 */
export function acceptedHost(
  advertisedClientAddress: string,
  others: readonly string[],
): (host: string) => boolean {
  const names = ['localhost', hostnameOf(new URL(advertisedClientAddress).host)];
  names.push(...others.map(hostnameOf));
  const endings = names.filter((name) => name.startsWith('*.')).map((name) => name.slice(1));
  const isAllowed = (name: string) =>
    names.includes(name) ||
    endings.some((ending) => name.length > ending.length && name.endsWith(ending));
  let last = '';
  return (host) => {
    if (host === last) return true;
    const name = hostnameOf(host);
    const isOurs = isIP(name) !== 0 || (isName(name) && isAllowed(name));
    if (isOurs) last = host;
    return isOurs;
  };
}

/** Without the port, the brackets of IPv6 and a root dot, in lower case; '' when malformed. */
function hostnameOf(host: string): string {
  const match = /^(?:\[([0-9a-f:.%]+)\]|([^:[\]]+))(?::\d{1,5})?$/i.exec(host.trim());
  return (match?.[1] ?? match?.[2] ?? '').toLowerCase().replace(/\.$/, '');
}

/** A `Host` is never a pattern. */
function isName(text: string): boolean {
  return text !== '' && !text.includes('*');
}
