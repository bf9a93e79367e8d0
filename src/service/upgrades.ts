/**
 * Which requests may change to another protocol. Once anybody listens for upgrades, Node.js hands over
 * every request that offers one, whatever it asks for; but an offer may be ignored (RFC 9110 §7.8),
 * and clients make it that want HTTP (`h2c`). So only what asks for one of our WebSockets counts.
 */
import { IncomingMessage } from 'node:http';
import { pathOf } from './key.ts';
import { targetOf } from './target.ts';

/** For `http.createServer`: requests that are upgrades only if they ask for one of the paths. */
export function upgradingTo(paths: readonly string[]): typeof IncomingMessage {
  class Request extends IncomingMessage {}
  const offered = new WeakSet<IncomingMessage>();
  Object.defineProperty(Request.prototype, 'upgrade', {
    // Node.js sets it as it parses, and reads it when the head is complete.
    get(this: Request): boolean {
      return offered.has(this) && asksFor(paths, this);
    },
    set(this: Request, offers: boolean) {
      if (offers) offered.add(this);
      else if (offers === false) offered.delete(this);
    },
  });
  return Request;
}

function asksFor(paths: readonly string[], request: IncomingMessage): boolean {
  const { method, headers } = request;
  if (method === 'CONNECT') return true;
  const isWebSocket = headers.upgrade?.trim().toLowerCase() === 'websocket';
  return method === 'GET' && isWebSocket && paths.includes(pathOf(targetOf(request)));
}
