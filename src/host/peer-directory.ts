/** What is known of the peers outside the protocol: when each was heard, and its client address. */

import type { ServerId } from '../../machines/rules/entries.ts';
import type { Clock } from '../ports/clock.ts';
import type { ConnectionChange } from '../ports/transport.ts';

export class PeerDirectory {
  readonly #clock: Clock;
  readonly #heardAt = new Map<ServerId, number>();
  readonly #clientAddresses = new Map<ServerId, string>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  heard(peer: ServerId): void {
    this.#heardAt.set(peer, this.#clock.now());
  }

  changed(change: ConnectionChange): void {
    if (change.isConnected) this.#clientAddresses.set(change.peer, change.clientAddress);
  }

  /** '' until the peer has introduced itself. */
  clientAddressOf(peer: ServerId): string {
    return this.#clientAddresses.get(peer) ?? '';
  }

  silentForMs(peer: ServerId): number | null {
    const heardAt = this.#heardAt.get(peer);
    return heardAt === undefined ? null : Math.max(0, Math.round(this.#clock.now() - heardAt));
  }
}
