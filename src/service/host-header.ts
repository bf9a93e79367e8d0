/**
 * Which `Host` is ours: an IP literal, `localhost` or the advertised name. A web page that makes a
 * name of its own point here (DNS rebinding) is turned away by it.
 */
import { isIP } from 'node:net';

/** A predicate that remembers its last answer: a connection keeps asking the same. */
export function acceptedHost(advertisedClientAddress: string): (host: string) => boolean {
  const advertised = hostnameOf(new URL(advertisedClientAddress).host);
  let last = '';
  return (host) => {
    if (host === last) return true;
    const name = hostnameOf(host);
    const isOurs = name === 'localhost' || name === advertised || isIP(name) !== 0;
    if (isOurs) last = host;
    return isOurs;
  };
}

/** Without the port, the brackets of IPv6 and a root dot, in lower case; '' when malformed. */
function hostnameOf(host: string): string {
  const match = /^(?:\[([0-9a-f:.%]+)\]|([^:[\]]+))(?::\d{1,5})?$/i.exec(host.trim());
  return (match?.[1] ?? match?.[2] ?? '').toLowerCase().replace(/\.$/, '');
}
