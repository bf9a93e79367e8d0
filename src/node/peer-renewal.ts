/**
 * Connections that another key has proved, or another certificate, are replaced by new ones before
 * they are closed: losing the leader's would make every follower campaign.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../ports/clock.ts';
import type { PeerConnection } from './peer-connection.ts';
import type { PeerSecurity } from './peer-security.ts';

export class PeerRenewal {
  readonly #security: PeerSecurity;
  readonly #clock: Clock;
  readonly #graceMs: number;
  /** Of connections whose key or authority was dropped: until then they may be replaced. */
  readonly #deadlines = new Map<PeerConnection, unknown>();
  #changes = 0;
  /** How many changes there had been then. */
  readonly #begun = new WeakMap<Socket, number>();

  constructor(security: PeerSecurity, clock: Clock, graceMs: number) {
    this.#security = security;
    this.#clock = clock;
    this.#graceMs = graceMs;
  }

  /** A handshake begins there, with the keys of now. */
  began(socket: Socket): void {
    this.#begun.set(socket, this.#changes);
  }

  /** What changed during its handshake was not asked of it then. */
  connected(connection: PeerConnection): void {
    if (this.#begun.get(connection.socket) !== this.#changes) this.#renew([connection]);
  }

  /** The keys, or the certificate, are others than before. */
  changed(connections: Iterable<PeerConnection>): void {
    this.#changes += 1;
    this.#renew(connections);
  }

  #renew(connections: Iterable<PeerConnection>): void {
    const { keys, kind } = this.#security;
    for (const connection of connections) {
      const keyName = connection.peer?.keyName ?? '';
      if (kind === 'tls-certificates' || keyName !== keys[0]?.name) connection.requestRenewal();
      if (this.#security.isStillTrusted(keyName, connection.socket)) this.closed(connection);
      else if (!this.#deadlines.has(connection)) this.#setDeadline(connection);
    }
  }

  /** Nothing is left to wait for. */
  closed(connection: PeerConnection): void {
    this.#clock.clearTimeout(this.#deadlines.get(connection));
    this.#deadlines.delete(connection);
  }

  #setDeadline(connection: PeerConnection): void {
    const deadline = this.#clock.setTimeout(() => connection.close(), this.#graceMs);
    this.#deadlines.set(connection, deadline);
  }
}
