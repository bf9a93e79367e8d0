/**
 * Serves a built page, which is read into memory once: what is asked for is looked up by name, so no
 * path leads out of the folder.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { packageFolder } from '../node/this-package.ts';

export interface StaticFile {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether a browser shows it: it is sent with a `pagePolicy` then. */
  readonly isPage: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
};

/** By name; `''` is the page itself. */
export type StaticFolder = ReadonlyMap<string, StaticFile>;

/**
 * The page of that name as `npm run build` leaves it, or null when it has not been built. Pages that
 * were built elsewhere are found by `STATECRAFT_PAGES`, the folder that both are in.
 * @param base - where it is served: `/` or `/inspect/`
 */
export function builtPage(page: 'inspector' | 'playground', base: string): StaticFolder | null {
  const folder = join(process.env.STATECRAFT_PAGES ?? join(packageFolder(), 'dist'), page);
  if (!existsSync(join(folder, 'index.html'))) return null;
  const files = new Map<string, StaticFile>();
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const name = relative(folder, path).split(sep).join('/');
    const isPage = extname(name) === '.html';
    const file = { bytes: contentOf(path, base), headers: headersOf(name), isPage };
    files.set(name === 'index.html' ? '' : name, file).set(name, file);
  }
  return files;
}

/** The page names its files relative to itself; it may be asked for without a slash at its end. */
function contentOf(path: string, base: string): Buffer {
  const bytes = readFileSync(path);
  if (extname(path) !== '.html') return bytes;
  return Buffer.from(bytes.toString().replaceAll(/(src|href)="\.\//g, `$1="${base}`));
}

function headersOf(name: string): Readonly<Record<string, string>> {
  return {
    'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
    'x-content-type-options': 'nosniff',
    // Another version may be served here the next time.
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  };
}

/**
 * Any port of this machine: other servers may not have told their addresses yet. A scheme stands for
 * its secure one as well (CSP 3, section 6.7.2.8).
 */
export const OWN_MACHINE: readonly string[] = [
  "'self'",
  ...['127.0.0.1', 'localhost'].flatMap((host) => [`http://${host}:*`, `ws://${host}:*`]),
];

/**
 * Nothing from another host, no script but the page's own files, no frame around it.
 * @param connects - where its sockets and requests may lead
 */
export function pagePolicy(connects: readonly string[] = []): Readonly<Record<string, string>> {
  const directives = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    `connect-src ${connects.join(' ') || "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return { 'content-security-policy': directives.join('; ') };
}

interface PageHandlerOptions {
  readonly folder: StaticFolder | null;
  /** Where the page is: `/` or `/inspect/`. */
  readonly base: string;
  /** What it is called in a complaint: `the playground`. */
  readonly what: string;
  /** Where its sockets and requests may lead. */
  readonly connects?: readonly string[];
}

/** Answers requests for a built page: what `node:http` asks of a listener. */
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
