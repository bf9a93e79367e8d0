/**
 * Connections that another key has proved, or another certificate, are replaced by new ones before
 * they are closed: losing the leader's would make every follower campaign.
 */
import type { Socket } from 'node:net';
import type { Clock } from '../ports/clock.ts';
import type { PeerConnection } from './peer-connection.ts';
import type { PeerSecurity } from './peer-security.ts';

export type PeerRenewal = ReturnType<typeof peerRenewal>;

export function peerRenewal(security: PeerSecurity, clock: Clock, graceMs: number) {
  /** Of connections whose key or authority was dropped: until then they may be replaced. */
  const deadlines = new Map<PeerConnection, unknown>();
  let changes = 0;
  /** How many changes there had been then. */
  const begun = new WeakMap<Socket, number>();
  const setDeadline = (connection: PeerConnection) => {
    deadlines.set(
      connection,
      clock.setTimeout(() => connection.close(), graceMs),
    );
  };
  /** Nothing is left to wait for. */
  const closed = (connection: PeerConnection): void => {
    clock.clearTimeout(deadlines.get(connection));
    deadlines.delete(connection);
  };
  const renew = (connections: Iterable<PeerConnection>) => {
    const { keys, kind } = security;
    for (const connection of connections) {
      const keyName = connection.peer?.keyName ?? '';
      if (kind === 'tls-certificates' || keyName !== keys[0]?.name) connection.requestRenewal();
      if (security.isStillTrusted(keyName, connection.socket)) closed(connection);
      else if (!deadlines.has(connection)) setDeadline(connection);
    }
  };
  return {
    /** A handshake begins there, with the keys of now. */
    began: (socket: Socket) => begun.set(socket, changes),
    /** What changed during its handshake was not asked of it then. */
    connected(connection: PeerConnection): void {
      if (begun.get(connection.socket) !== changes) renew([connection]);
    },
    /** The keys, or the certificate, are others than before. */
    changed(connections: Iterable<PeerConnection>): void {
      changes += 1;
      renew(connections);
    },
    closed,
  };
}
