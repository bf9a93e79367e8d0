/** What each kind of certificate says of its holder, and what it may be used for. */
import { peerUri } from '../node/peer-certificate.ts';
import type { AlternativeName } from './host-name.ts';

type CertificateUsage = 'server' | 'client';

export interface CertificateRequest {
  /** In order: `['CN', 'alice']`. */
  readonly subject: readonly (readonly [attribute: 'CN' | 'O' | 'OU', value: string])[];
  readonly names: readonly AlternativeName[];
  readonly usages: readonly CertificateUsage[];
}

const PEER = ['O', 'Statecraft server'] as const;
/** X.520 allows no longer name. */
export const SUBJECT_MAX = 64;

/**
 * A server, for the other servers: they read the URI. It has no common name, so that it never
 * passes for a client of that name where one authority serves both.
 */
export function peerRequest(
  clusterId: string,
  id: string,
  hosts: readonly AlternativeName[],
): CertificateRequest {
  return {
    subject: [PEER, ['OU', id]],
    names: [{ type: 'url', value: peerUri(clusterId, id) }, ...hosts],
    usages: ['server', 'client'],
  };
}

/** The client port of a server: clients compare the host that they asked for. */
export function serverRequest(hosts: readonly AlternativeName[]): CertificateRequest {
  const shown = hosts.find(({ value }) => value.length <= SUBJECT_MAX);
  return {
    subject: [shown === undefined ? PEER : ['CN', shown.value]],
    names: hosts,
    usages: ['server'],
  };
}

export function clientRequest(name: string): CertificateRequest {
  return { subject: [['CN', name]], names: [], usages: ['client'] };
}
