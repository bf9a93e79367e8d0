/** What each kind of certificate says of its holder, and what it may be used for. */
import { peerUri } from '../node/peer-certificate.ts';
import type { AlternativeName } from './host-name.ts';

export type Usage = 'server' | 'client';

export interface Request {
  /** In order: `['CN', 'alice']`. */
  readonly subject: readonly (readonly [attribute: 'CN' | 'O' | 'OU', value: string])[];
  readonly names: readonly AlternativeName[];
  readonly usages: readonly Usage[];
}

/** X.520 gives a name no more room. */
export const SUBJECT_MAX = 64;

/**
 * A server, for the other servers: they read the URI. It has no common name, so that it never
 * passes for a client of that name where one authority serves both.
 */
export function peerRequest(
  clusterId: string,
  id: string,
  hosts: readonly AlternativeName[],
): Request {
  return {
    subject: [
      ['O', 'Statecraft server'],
      ['OU', id],
    ],
    names: [{ type: 'url', value: peerUri(clusterId, id) }, ...hosts],
    usages: ['server', 'client'],
  };
}

/** The client port of a server: clients compare the host that they asked for. */
export function serverRequest(hosts: readonly AlternativeName[]): Request {
  const [shown] = hosts.filter(({ value }) => value.length <= SUBJECT_MAX);
  return {
    subject: [shown === undefined ? ['O', 'Statecraft server'] : ['CN', shown.value]],
    names: hosts,
    usages: ['server'],
  };
}

export function clientRequest(name: string): Request {
  return { subject: [['CN', name]], names: [], usages: ['client'] };
}
