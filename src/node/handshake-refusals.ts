/**
 * Why a handshake is refused, before or without a proof: each a sentence for the people of both
 * servers. Not being in our configuration is no reason: a server that joins is in none yet.
 */
import type { ServerId } from '../../machines/rules/entries.ts';
import { PROTOCOL_VERSION } from '../formats/frame.ts';
import type { Challenge, Open } from '../formats/peer-frame.ts';

interface Own {
  readonly id: ServerId;
  readonly clusterId: string;
}

/** Of the acceptor's answer: it must be whom we dialled. */
export function challengeRefusal(
  challenge: Challenge,
  own: Own & { readonly to: ServerId },
): string | null {
  const { version, clusterId, from, to } = challenge;
  if (version !== PROTOCOL_VERSION) {
    return `Server ${from} chose protocol version ${version}, which was not offered.`;
  }
  if (clusterId !== own.clusterId) return otherCluster(from, clusterId, own);
  if (from !== own.to) {
    return (
      `At the address of server ${own.to} there is server ${from}: check the addresses that server ` +
      `${own.id} was started with.`
    );
  }
  if (to !== own.id) return `Server ${from} answered server ${to}, and this is server ${own.id}.`;
  return null;
}

/** Of the dialler's first word. */
export function openRefusal({ versions, clusterId, from, to }: Open, own: Own): string | null {
  if (!versions.includes(PROTOCOL_VERSION)) {
    return (
      `Server ${from} speaks protocol versions ${versions.join(', ')}, and this server version ` +
      `${PROTOCOL_VERSION}: update the older one.`
    );
  }
  if (clusterId !== own.clusterId) return otherCluster(from, clusterId, own);
  if (to !== own.id) {
    return (
      `Server ${from} wants server ${to}, and this is server ${own.id}: check the addresses it was ` +
      'started with.'
    );
  }
  if (from === own.id) {
    return `Another server calls itself ${own.id}, too: each needs its own id.`;
  }
  return null;
}

function otherCluster(from: ServerId, clusterId: string, own: Own): string {
  return (
    `Server ${from} is of cluster ${clusterId || '(none)'}, and server ${own.id} of cluster ` +
    `${own.clusterId}: all servers of a cluster are started with the same name and the same ids.`
  );
}

export function noLongerTrusted(peer: ServerId): string {
  return (
    `The key or certificate that server ${peer} uses was replaced here: give it the cluster's ` +
    'current key, or a certificate of its current authority.'
  );
}

export function wrongKey(peer: ServerId): string {
  return (
    `A peer that claims to be server ${peer} could not prove that it has this cluster's key: give every ` +
    'server of the cluster the same key file.'
  );
}
