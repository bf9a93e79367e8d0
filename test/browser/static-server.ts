/** Serves one folder of files as any web server would, trusted as little as our own does. */
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { pagePolicy } from '../../src/inspector/static-folder.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
};
export interface StaticServer {
  /** With a slash at its end. */
  readonly url: string;
  close(): void;
}

export async function serveFolder(folder: string, policy = pagePolicy()): Promise<StaticServer> {
  const server: Server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const bytes = await readFile(join(folder, path)).catch(() => null);
    const headers = { ...policy, 'cache-control': 'no-store' };
    const type = TYPES[extname(path)] ?? 'application/octet-stream';
    response.writeHead(bytes === null ? 404 : 200, { ...headers, 'content-type': type });
    response.end(bytes ?? '');
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}/`, close: () => server.close() };
}
