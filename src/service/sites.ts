/**
 * Whose web pages may make a browser send requests to this server. A browser lets any page send
 * requests to this machine, and marks those from other sites by `Origin` or `Sec-Fetch-Site`;
 * programs other than browsers send neither, and are not affected.
 *
 * Reads are refused like writes: the page could not see the answer, but each costs the cluster a
 * round of messages, and its cost and traces can be measured from outside.
 */
import type { IncomingMessage } from 'node:http';
import { isOwnOrigin, isSameOrigin } from '../inspector/origins.ts';
import type { ServiceContext } from './context.ts';
import { HttpError } from './errors.ts';
import { pathOf } from './key.ts';
import { isInspectorPath } from './routes.ts';
import { targetOf } from './target.ts';

type Sites = Pick<ServiceContext, 'allowedOrigins' | 'pageAddresses'>;

/** Null when the request comes from no page, or from one that may send it. */
export function siteRefusal(request: IncomingMessage, sites: Sites): HttpError | null {
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
    sites.allowedOrigins?.includes(origin) === true ||
    isOwnOrigin(origin, headers.host) ||
    sites.pageAddresses().some((address) => isSameOrigin(origin, address))
  );
}

/** Somebody followed a link: the page is displayed by itself, and no other page can read it. */
function isVisit({ method, headers }: IncomingMessage): boolean {
  const { 'sec-fetch-mode': mode, 'sec-fetch-dest': destination } = headers;
  return method === 'GET' && mode === 'navigate' && destination === 'document';
}

/** Not secret; the pages of the other servers use these files to check whether this one is up. */
function isPageFile(request: IncomingMessage): boolean {
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  return isRead && isInspectorPath(pathOf(targetOf(request)));
}

function foreign(pages: string): HttpError {
  const advice = 'to allow them, start the server with --allow-origin and their origin';
  return new HttpError('forbidden', `${pages} may not send requests to this server: ${advice}`);
}
