/** `GET /inspect`, the inspector's page with its files, and its socket: only when asked for. */

import type { IncomingMessage } from 'node:http';
import { FORBIDDEN, UNAUTHENTICATED } from '../inspector/protocol.ts';
import { serverSource } from '../inspector/server-source.ts';
import { type Denial, InspectorSocket } from '../inspector/socket.ts';
import { builtPage, OWN_MACHINE, pagePolicy } from '../inspector/static-folder.ts';
import { STREAM_PATH } from '../streaming/kinds.ts';
import type { FastifyInstance, FastifyReply } from '../vendor/fastify.ts';
import type { ServiceContext } from './context.ts';
import { HttpError } from './errors.ts';
import { pathOf } from './key.ts';
import { INSPECT_ROUTE } from './routes.ts';
import { targetOf } from './target.ts';

/** A close frame has room for 123 bytes. */
const REASON_LENGTH_MAX = 120;

/** @returns what tells every connected page that the server stops, and disconnects it */
export function addInspectRoutes(
  app: FastifyInstance,
  context: ServiceContext,
): () => Promise<void> {
  const { server, inspects = false, isOurHost, pageAddresses: addresses } = context;
  if (!inspects) return () => Promise.resolve();
  const socket = new InspectorSocket({
    source: serverSource(server, context.version),
    addresses,
    isOurHost,
    provesWho: context.tls?.ca !== undefined,
    ...(context.tokens === undefined ? {} : { guard: guardOf(context) }),
  });
  app.server.on('upgrade', (request, connection, head) => {
    if (pathOf(targetOf(request)) !== STREAM_PATH) socket.upgrade(request, connection, head);
  });
  addPage(app, addresses);
  return () => socket.close(`server ${server.id} stops`);
}

function guardOf({ access, audit }: ServiceContext) {
  return (request: IncomingMessage, token: string | null): Denial | null => {
    try {
      access.assertMayInspect(request, token);
      return null;
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      audit.refused(request, access.tokenOf(request), error);
      const code = error.code === 'forbidden' ? FORBIDDEN : UNAUTHENTICATED;
      return { code, reason: error.message.slice(0, REASON_LENGTH_MAX) };
    }
  };
}

function addPage(app: FastifyInstance, addresses: () => readonly string[]): void {
  const folder = builtPage('inspector', `${INSPECT_ROUTE}/`);
  const answer = (name: string, reply: FastifyReply) => {
    if (folder === null) {
      throw new HttpError('not_found', "the inspector's page is not built: run npm run build");
    }
    const file = folder.get(name);
    if (file === undefined) {
      throw new HttpError('not_found', `the inspector's page has no file "${name}"`);
    }
    if (file.isPage) reply.headers(pagePolicy([...OWN_MACHINE, ...originsOf(addresses())]));
    return reply.headers(file.headers).send(file.bytes);
  };
  app.get(INSPECT_ROUTE, (_, reply) => answer('', reply));
  app.get<{ Params: { '*': string } }>(`${INSPECT_ROUTE}/*`, ({ params }, reply) =>
    answer(params['*'], reply),
  );
}

/** Of the servers' sockets, and of the servers: the page checks whether one is up again. */
function originsOf(addresses: readonly string[]): readonly string[] {
  const known = addresses.filter((address) => URL.canParse(address) && !address.includes('['));
  const origins = [...new Set(known.map((address) => new URL(address).origin))];
  return origins.flatMap((origin) => [origin, origin.replace(/^http/, 'ws')]);
}
