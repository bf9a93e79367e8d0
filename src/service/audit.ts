/**
 * Events for an audit log: refused requests, and writes. Refusals are limited by address, so that no
 * client can fill the log with them: some per minute are logged, the others only counted.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { addressKey } from '../node/remote-address.ts';
import type { HttpError } from './errors.ts';
import { loggedPathOf } from './named-key.ts';
import type { Token } from './tokens/token.ts';

/** One line of the log, to which its keeper adds the time and the server. */
export interface AuditEvent {
  readonly event: string;
  /** The name of the token that was shown; null for none that is known. */
  readonly token?: string | null;
  /** Of the other end of the connection. */
  readonly address?: string | null;
  readonly method?: string;
  /** Without the query, except for a key: it may contain a secret by mistake. */
  readonly path?: string;
  /** The status of the answer, with the code of an error. */
  readonly outcome?: string;
  readonly why?: string;
  /** Of events that stand for several. */
  readonly count?: number;
  /** Of the log, where it was changed as a whole. */
  readonly index?: number;
}

/** Method and path of a request. */
type Asked = Pick<AuditEvent, 'method' | 'path'>;

export type Audit = (event: AuditEvent) => void;

const MINUTE_MS = 60_000;
const LOGGED_PER_MINUTE = 20;
/** How often past minutes are summed up. */
const FLUSH_MS = 10_000;
const ADDRESSES_MAX = 1_000;
const PATH_LENGTH_MAX = 300;
/** It may repeat what the client has sent. */
const WHY_LENGTH_MAX = 300;
/** Addresses beyond the maximum are counted together. */
const OTHERS = 'others';

export type ServiceAudit = ReturnType<typeof serviceAudit>;

export function serviceAudit(audit: Audit, now: () => number = () => performance.now()) {
  /** By address, in the order in which their minutes began. */
  const counts = new Map<string, { readonly sinceMs: number; refused: number }>();
  /** Logs how many refusals of each past minute were not logged. */
  const flush = (isEnd = false): void => {
    for (const [address, { sinceMs, refused }] of counts) {
      if (!isEnd && now() - sinceMs < MINUTE_MS) return;
      counts.delete(address);
      const count = refused - LOGGED_PER_MINUTE;
      if (count > 0) audit({ event: 'refused_untold', address, count });
    }
  };
  const timer = setInterval(() => flush(), FLUSH_MS).unref();
  const refuse = (fields: Omit<AuditEvent, 'event'>, { status, code, message }: HttpError) => {
    flush();
    const address = addressKey(fields.address ?? undefined);
    const isFull = counts.size >= ADDRESSES_MAX && !counts.has(address);
    const counted = isFull ? OTHERS : address;
    const count = counts.get(counted) ?? { sinceMs: now(), refused: 0 };
    counts.set(counted, count);
    count.refused += 1;
    if (count.refused > LOGGED_PER_MINUTE) return;
    const why = message.slice(0, WHY_LENGTH_MAX);
    audit({ event: 'refused', ...fields, outcome: `${status} ${code}`, why });
  };
  return {
    flush,
    refused(request: IncomingMessage, token: Token | null, error: HttpError): void {
      refuse(fieldsOf(request, token), error);
    },
    /** Of a request in a stream, as it would be over HTTP. */
    refusedInStream(stream: IncomingMessage, token: Token | null, error: HttpError, asked: Asked) {
      refuse({ ...fieldsOf(stream, token), ...asked }, error);
    },
    wroteInStream(stream: IncomingMessage, token: Token | null, status: number, asked: Asked) {
      audit({ event: 'write', ...fieldsOf(stream, token), ...asked, outcome: String(status) });
    },
    /** Before there was any request. */
    connectionRefused({ remoteAddress }: Socket, error: HttpError): void {
      refuse({ token: null, address: remoteAddress ?? null }, error);
    },
    wrote(request: IncomingMessage, token: Token | null, status: number): void {
      audit({ event: 'write', ...fieldsOf(request, token), outcome: String(status) });
    },
    close(): void {
      clearInterval(timer);
      flush(true);
    },
  };
}

function fieldsOf(request: IncomingMessage, token: Token | null) {
  const { socket, method = '' } = request;
  const path = loggedPathOf(request).slice(0, PATH_LENGTH_MAX);
  return { token: token?.name ?? null, address: socket.remoteAddress ?? null, method, path };
}
