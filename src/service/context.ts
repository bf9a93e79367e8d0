/** What every route of the service needs, and nothing that changes from request to request. */

import type {
  KeyValueAnswer,
  KeyValueCommand,
  KeyValueQuery,
  KeyValueResult,
} from '../kv/vocabulary.ts';
import type { Server } from '../ports/server.ts';
import type { Access, AccessOptions } from './access.ts';
import type { Audit, ServiceAudit } from './audit.ts';
import type { ServiceBounds } from './bounds.ts';
import type { RequestOrder } from './request-order.ts';
import type { TlsContext } from './secure.ts';
import type { Sites } from './sites.ts';
import type { UnderWay } from './under-way.ts';

export type KeyValueServer = Server<KeyValueCommand, KeyValueResult, KeyValueQuery, KeyValueAnswer>;

export interface ServiceOptions extends AccessOptions {
  readonly server: KeyValueServer;
  /** Where clients reach this server, e.g. `http://127.0.0.1:7101`. */
  readonly advertisedClientAddress: string;
  /** No answer takes longer. */
  readonly requestTimeoutMs: number;
  /** Of this software. */
  readonly version: string;
  /** Whether the inspector's page and socket are there. Default: they are not. */
  readonly inspects?: boolean;
  /** Hears of requests that were refused. */
  readonly onAudit?: Audit;
  /** Whether it hears of every write, too. */
  readonly auditsWrites?: boolean;
  /** Speaks TLS instead of plain HTTP. */
  readonly tls?: TlsContext;
  /** Whose pages may ask, beside those of the servers: `https://app.example`. Default: nobody's. */
  readonly allowedOrigins?: readonly string[];
  /** Of one token, or of one address without tokens. Default: as many as come. */
  readonly requestsPerSecondMax?: number;
  /** Names of this server beside the advertised one. */
  readonly allowedHosts?: readonly string[];
  /** What clients may take at a time; what is not given has its default. */
  readonly bounds?: Partial<ServiceBounds>;
  readonly descriptors?: Descriptors;
}

/** Files and sockets of this process; null where the system does not say. */
export interface Descriptors {
  readonly limit: number | null;
  readonly open: () => number | null;
}

export interface ServiceContext extends ServiceOptions {
  /** What a call of the server may take, so that its answer is out in time. */
  readonly callTimeoutMs: number;
  /** Since the last application; cheaper than a whole status. */
  readonly appliedIndex: () => number;
  readonly isStopping: () => boolean;
  /** Whether a `Host` header names this server. */
  readonly isOurHost: (host: string) => boolean;
  readonly sites: Sites;
  readonly access: Access;
  readonly audit: ServiceAudit;
  readonly underWay: UnderWay;
  /** Of the requests of one connection. */
  readonly order: RequestOrder;
}

/** The answer still has to be written and sent when the call has settled. */
const ANSWER_SHARE = 0.04;

export function callTimeoutOf(requestTimeoutMs: number): number {
  return Math.max(1, Math.floor(requestTimeoutMs * (1 - ANSWER_SHARE)));
}
