/**
 * Whose web pages may make a browser ask this server. A browser lets any page send requests to this
 * machine, and says in `Origin` or `Sec-Fetch-Site` that another site wants them; programs that are
 * no browser send neither, and are not concerned.
 *
 * Reads are refused like writes: the page could not see the answer, but each costs the cluster a
 * round of messages, and what a request costs or leaves behind can be seen from outside.
 */
import type { IncomingMessage } from 'node:http';
import { isOwnOrigin, isSameOrigin } from '../inspector/origins.ts';
import { Fault } from './errors.ts';
import { INSPECT_ROUTE } from './inspect-routes.ts';
import { pathOf } from './key.ts';
import { targetOf } from './target.ts';

export interface Sites {
  /** Of the servers, which serve pages of their own; '' for one that is not known yet. */
  readonly addresses: () => readonly string[];
  /** Of others whose pages may ask. */
  readonly allowed: readonly string[];
}

/** Null when the request comes from no page, or from one that may ask. */
export function siteRefusal(request: IncomingMessage, sites: Sites): Fault | null {
  const { origin } = request.headers;
  if (origin !== undefined) {
    return mayAsk(origin, request, sites) ? null : foreign(`pages from ${origin}`);
  }
  const site = request.headers['sec-fetch-site'];
  if (site === undefined || site === 'same-origin' || site === 'none') return null;
  if (isVisit(request) || isPageFile(request)) return null;
  return foreign('pages of other sites');
}

function mayAsk(origin: string, { headers }: IncomingMessage, sites: Sites): boolean {
  return (
    sites.allowed.includes(origin) ||
    isOwnOrigin(origin, headers.host) ||
    sites.addresses().some((address) => isSameOrigin(origin, address))
  );
}

/** Somebody followed a link: a page of its own, which nobody else can look into. */
function isVisit({ method, headers }: IncomingMessage): boolean {
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = headers;
  return method === 'GET' && mode === 'navigate' && destination === 'document';
}

/** Files without a secret; the pages of the other servers ask by them whether this one is there. */
function isPageFile(request: IncomingMessage): boolean {
  const path = pathOf(targetOf(request));
  const isOfPage = path === INSPECT_ROUTE || path.startsWith(`${INSPECT_ROUTE}/`);
  return isOfPage && (request.method === 'GET' || request.method === 'HEAD');
}

function foreign(pages: string): Fault {
  return new Fault(
    'forbidden',
    `${pages} may not ask this server: who serves such a page names its origin with --allow-origin`,
  );
}
