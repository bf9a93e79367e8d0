/** Answers requests for a built page: what `node:http` asks of a listener. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pagePolicy, type StaticFolder } from './static-folder.ts';

export interface PageHandlerOptions {
  readonly folder: StaticFolder | null;
  /** Where the page is: `/` or `/inspect/`. */
  readonly base: string;
  /** What it is called in a complaint: `the playground`. */
  readonly what: string;
  /** Where its sockets and requests may lead. */
  readonly connects?: readonly string[];
}

export function pageHandler(options: PageHandlerOptions) {
  const { folder, base, what, connects = [] } = options;
  return (request: IncomingMessage, response: ServerResponse): void => {
    const path = (request.url ?? '/').replace(/[?#].*$/, '');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      complain(response, 405, `${what} is only for reading`);
      return;
    }
    if (path === '/' && base !== '/') {
      response.writeHead(302, { location: base.slice(0, -1), 'content-length': 0 }).end();
      return;
    }
    const file = `${path}/`.startsWith(base) ? folder?.get(path.slice(base.length)) : undefined;
    if (file === undefined) {
      const isBuilt = folder !== null;
      const sentence = `there is nothing at ${path}; ${what} is at ${base}`;
      complain(response, 404, isBuilt ? sentence : `${what} is not built: run npm run build`);
      return;
    }
    response.writeHead(200, {
      ...file.headers,
      ...(file.isPage ? pagePolicy(connects) : {}),
      'content-length': file.bytes.byteLength,
    });
    response.end(request.method === 'HEAD' ? undefined : file.bytes);
  };
}

function complain(response: ServerResponse, status: number, sentence: string): void {
  const headers = {
    'content-type': 'text/plain; charset=utf-8',
    'x-content-type-options': 'nosniff',
  };
  response.writeHead(status, status === 405 ? { ...headers, allow: 'GET, HEAD' } : headers);
  response.end(`${sentence}\n`);
}
