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

export class ServiceAudit {
  readonly #audit: Audit;
  readonly #now: () => number;
  /** By address, in the order in which their minutes began. */
  readonly #counts = new Map<string, { readonly sinceMs: number; refused: number }>();
  readonly #timer: NodeJS.Timeout;

  constructor(audit: Audit, now: () => number = () => performance.now()) {
    this.#audit = audit;
    this.#now = now;
    this.#timer = setInterval(() => this.flush(), FLUSH_MS).unref();
  }

  refused(request: IncomingMessage, token: Token | null, error: HttpError): void {
    this.#refused({ token: token?.name ?? null, ...fieldsOf(request) }, error);
  }

  /** Before there was any request. */
  connectionRefused({ remoteAddress }: Socket, error: HttpError): void {
    this.#refused({ token: null, address: remoteAddress ?? null }, error);
  }

  wrote(request: IncomingMessage, token: Token | null, status: number): void {
    const outcome = String(status);
    this.#audit({ event: 'write', token: token?.name ?? null, ...fieldsOf(request), outcome });
  }

  /** Logs how many refusals of each past minute were not logged. */
  flush(isEnd = false): void {
    for (const [address, { sinceMs, refused }] of this.#counts) {
      if (!isEnd && this.#now() - sinceMs < MINUTE_MS) return;
      this.#counts.delete(address);
      const count = refused - LOGGED_PER_MINUTE;
      if (count > 0) this.#audit({ event: 'refused_untold', address, count });
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.flush(true);
  }

  #refused(fields: Omit<AuditEvent, 'event'>, { status, code, message }: HttpError): void {
    this.flush();
    const address = addressKey(fields.address ?? undefined);
    const isFull = this.#counts.size >= ADDRESSES_MAX && !this.#counts.has(address);
    const counted = isFull ? OTHERS : address;
    const count = this.#counts.get(counted) ?? { sinceMs: this.#now(), refused: 0 };
    this.#counts.set(counted, count);
    count.refused += 1;
    if (count.refused > LOGGED_PER_MINUTE) return;
    const why = message.slice(0, WHY_LENGTH_MAX);
    this.#audit({ event: 'refused', ...fields, outcome: `${status} ${code}`, why });
  }
}

function fieldsOf(request: IncomingMessage) {
  const { socket, method = '' } = request;
  const path = loggedPathOf(request).slice(0, PATH_LENGTH_MAX);
  return { address: socket.remoteAddress ?? null, method, path };
}
