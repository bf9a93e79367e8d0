/**
 * Who was refused, and who wrote: events for an audit log. Refusals are counted by address, so that
 * nobody fills the log with them: so many a minute are told, the others as a number.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { addressKey } from '../node/remote-address.ts';
import type { Fault } from './errors.ts';
import { loggedPathOf } from './named-key.ts';
import type { Token } from './tokens/token.ts';

/** One line of the log; whoever keeps it adds the time and the server. */
export interface AuditEvent {
  readonly event: string;
  /** The name of the token that was shown; null for none that is known. */
  readonly token?: string | null;
  /** Of the other end of the connection. */
  readonly address?: string | null;
  readonly method?: string;
  /** Without the query, but for a key: somebody may put a secret there by mistake. */
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
const TOLD_PER_MINUTE = 20;
/** So often the minutes that are over are settled. */
const SETTLE_MS = 10_000;
const ADDRESSES_MAX = 1_000;
const PATH_LENGTH_MAX = 300;
/** It may repeat what the caller has sent. */
const WHY_LENGTH_MAX = 300;
/** Whoever comes when too many addresses are counted already. */
const OTHERS = 'others';

export class ServiceAudit {
  readonly #tell: Audit;
  readonly #now: () => number;
  /** In the order in which their minutes began. */
  readonly #counts = new Map<string, { readonly sinceMs: number; told: number; untold: number }>();
  readonly #timer: NodeJS.Timeout;

  constructor(tell: Audit, now: () => number = () => performance.now()) {
    this.#tell = tell;
    this.#now = now;
    this.#timer = setInterval(() => this.settle(), SETTLE_MS).unref();
  }

  refused(request: IncomingMessage, token: Token | null, fault: Fault): void {
    this.#refused({ token: token?.name ?? null, ...fieldsOf(request) }, fault);
  }

  /** Before there was any request. */
  turnedAway({ remoteAddress }: Socket, fault: Fault): void {
    this.#refused({ token: null, address: remoteAddress ?? null }, fault);
  }

  wrote(request: IncomingMessage, token: Token | null, status: number): void {
    const outcome = String(status);
    this.#tell({ event: 'write', token: token?.name ?? null, ...fieldsOf(request), outcome });
  }

  /** Tells how many refusals of each minute that is over were not told. */
  settle(isEnd = false): void {
    for (const [address, { sinceMs, untold }] of this.#counts) {
      if (!isEnd && this.#now() - sinceMs < MINUTE_MS) return;
      this.#counts.delete(address);
      if (untold > 0) this.#tell({ event: 'refused_untold', address, count: untold });
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.settle(true);
  }

  #refused(fields: Omit<AuditEvent, 'event'>, { status, code, message }: Fault): void {
    this.settle();
    const address = addressKey(fields.address ?? undefined);
    const isFull = this.#counts.size >= ADDRESSES_MAX && !this.#counts.has(address);
    const counted = isFull ? OTHERS : address;
    const count = this.#counts.get(counted) ?? { sinceMs: this.#now(), told: 0, untold: 0 };
    this.#counts.set(counted, count);
    if (count.told >= TOLD_PER_MINUTE) {
      count.untold += 1;
      return;
    }
    count.told += 1;
    this.#tell({
      event: 'refused',
      ...fields,
      outcome: `${status} ${code}`,
      why: message.slice(0, WHY_LENGTH_MAX),
    });
  }
}

/** Where from and what for. */
function fieldsOf(request: IncomingMessage) {
  const { socket, method = '' } = request;
  const path = loggedPathOf(request).slice(0, PATH_LENGTH_MAX);
  return { address: socket.remoteAddress ?? null, method, path };
}
