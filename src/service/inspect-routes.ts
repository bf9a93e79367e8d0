/** `GET /inspect`, the inspector's page with its files, and its socket: only when asked for. */

import type { IncomingMessage } from 'node:http';
import { FORBIDDEN, UNAUTHENTICATED } from '../inspector/protocol.ts';
import { serverSource } from '../inspector/server-source.ts';
import { type Denial, InspectorSocket } from '../inspector/socket.ts';
import { builtPage, OWN_MACHINE, pagePolicy } from '../inspector/static-folder.ts';
import type { FastifyInstance, FastifyReply } from '../vendor/fastify.ts';
import type { ServiceContext } from './context.ts';
import { Fault } from './errors.ts';

export const INSPECT_ROUTE = '/inspect';
/** A frame that closes has room for 123 bytes. */
const REASON_LENGTH_MAX = 120;

export interface InspectRoutes {
  /** Tells every page that looks on, and lets go of it. */
  close(): Promise<void>;
}

export function addInspectRoutes(app: FastifyInstance, context: ServiceContext): InspectRoutes {
  const { server, inspects = false, isOurHost, sites } = context;
  if (!inspects) return { close: () => Promise.resolve() };
  const { addresses } = sites;
  const socket = new InspectorSocket({
    source: serverSource(server, context.version),
    addresses,
    isOurHost,
    provesWho: context.tls?.ca !== undefined,
    ...(context.tokens === undefined ? {} : { guard: guardOf(context) }),
  });
  app.server.on('upgrade', socket.upgrade);
  addPage(app, addresses);
  return { close: () => socket.close(`server ${server.id} stops`) };
}

function guardOf({ access, audit }: ServiceContext) {
  return (request: IncomingMessage, token: string | null): Denial | null => {
    const fault = access.inspectorRefusal(request, token);
    if (fault === null) return null;
    audit.refused(request, access.tokenOf(request), fault);
    const code = fault.code === 'forbidden' ? FORBIDDEN : UNAUTHENTICATED;
    return { code, reason: fault.message.slice(0, REASON_LENGTH_MAX) };
  };
}

function addPage(app: FastifyInstance, addresses: () => readonly string[]): void {
  const folder = builtPage('inspector', `${INSPECT_ROUTE}/`);
  const answer = (name: string, reply: FastifyReply) => {
    if (folder === null) {
      throw new Fault('not_found', "the inspector's page is not built: run npm run build");
    }
    const file = folder.get(name);
    if (file === undefined) {
      throw new Fault('not_found', `the inspector's page has no file "${name}"`);
    }
    if (file.isPage) reply.headers(pagePolicy([...OWN_MACHINE, ...originsOf(addresses())]));
    return reply.headers(file.headers).send(file.bytes);
  };
  app.get(INSPECT_ROUTE, (_, reply) => answer('', reply));
  app.get<{ Params: { '*': string } }>(`${INSPECT_ROUTE}/*`, ({ params }, reply) =>
    answer(params['*'], reply),
  );
}

/** Of the servers' sockets, and of the servers: the page asks whether one is there again. */
function originsOf(addresses: readonly string[]): readonly string[] {
  const known = addresses.filter((address) => URL.canParse(address) && !address.includes('['));
  const origins = [...new Set(known.map((address) => new URL(address).origin))];
  return origins.flatMap((origin) => [origin, origin.replace(/^http/, 'ws')]);
}
