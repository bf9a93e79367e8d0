/** What every route of the service needs: nothing here changes from request to request. */

import type {
  KeyValueAnswer,
  KeyValueCommand,
  KeyValueQuery,
  KeyValueResult,
} from '../kv/vocabulary.ts';
import type { Server } from '../ports/server.ts';
import type { Access, AccessOptions } from './access.ts';
import type { Audit, ServiceAudit } from './audit.ts';
import type { ServiceBounds } from './budget.ts';
import type { RequestsInFlight } from './in-flight.ts';
import type { RequestOrder } from './request-order.ts';
import type { StreamOperation } from './stream-operations.ts';

export type KeyValueServer = Server<KeyValueCommand, KeyValueResult, KeyValueQuery, KeyValueAnswer>;

/** PEM, as `node:tls` takes it. */
export interface TlsContext {
  readonly cert: string;
  readonly key: string;
  /** Authorities of clients: with them, every connection must show a certificate of theirs. */
  readonly ca?: string;
}

export interface ServiceOptions extends AccessOptions {
  readonly server: KeyValueServer;
  /** Where clients reach this server, e.g. `http://127.0.0.1:7101`. */
  readonly advertisedClientAddress: string;
  /** No answer takes longer. */
  readonly requestTimeoutMs: number;
  /** Of this software. */
  readonly version: string;
  /** Whether to serve the inspector's page and socket. Default: no. */
  readonly inspects?: boolean;
  /** Is called for requests that were refused. */
  readonly onAudit?: Audit | undefined;
  /** Whether it is called for every write, too. */
  readonly auditsWrites?: boolean;
  /** Uses TLS instead of plain HTTP. */
  readonly tls?: TlsContext | undefined;
  /** Whose pages may send requests, beside the servers' own: `https://app.example`. Default: none. */
  readonly allowedOrigins?: readonly string[];
  /** Of one token, or of one address without tokens. Default: no limit. */
  readonly requestsPerSecondMax?: number | undefined;
  /** Names of this server beside the advertised one. */
  readonly allowedHosts?: readonly string[];
  /** What clients may take at a time; the defaults apply to the rest. */
  readonly bounds?: Partial<ServiceBounds>;
  readonly descriptors?: Descriptors;
}

/** Files and sockets of this process; null where the system does not say. */
export interface Descriptors {
  readonly limit: number | null;
  readonly open: () => number | null;
}

export interface ServiceContext extends ServiceOptions {
  /** The time limit of a call to the server, so that its answer is sent in time. */
  readonly callTimeoutMs: number;
  /** Since the last application; cheaper than a whole status. */
  readonly appliedIndex: () => number;
  readonly isStopping: () => boolean;
  /** Whether a `Host` header names this server. */
  readonly isOurHost: (host: string) => boolean;
  /** Where this server and the others serve pages of their own; '' for one that is not known yet. */
  readonly pageAddresses: () => readonly string[];
  readonly access: Access;
  readonly audit: ServiceAudit;
  readonly inFlight: RequestsInFlight;
  readonly order: RequestOrder;
  /** @throws HttpError `overloaded` when that caller sends too many; null without such a limit */
  readonly countRequest: ((caller: string) => void) | null;
  readonly streams: StreamMetrics;
}

/** What is counted of streams. */
export interface StreamMetrics {
  /** Those that have said hello. */
  connections: number;
  /**
   * A request was answered.
   * @param code - `ok`, or that of the error
   */
  onEnded: (operation: StreamOperation, code: string, ms: number, isFailedWrite: boolean) => void;
}
