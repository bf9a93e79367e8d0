/**
 * Whom a certificate of a peer names: exactly one kind of entry in subjectAltName counts,
 * `URI:statecraft:<clusterId>:<id>`. Host names do not: a server may move, and comparing them
 * ignores case, while `a` and `A` are two servers.
 */
import { X509Certificate } from 'node:crypto';
import type { ServerId } from '../../machines/rules/entries.ts';
import { printable } from '../formats/printable.ts';
import { StartError } from '../host/errors.ts';

/** As `getPeerCertificate` of `node:tls` tells it. */
export interface PresentedCertificate {
  readonly subjectaltname?: string | undefined;
  /** Object identifiers; none when it may be used for everything. */
  readonly ext_key_usage?: readonly string[] | undefined;
}

/** A peer dials and is dialled, with the same certificate. */
const USAGES = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' };
/** Names come from a stranger, and go to a log. */
const SHOWN_MAX = 200;
const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const CHAIN_MAX = 8;

/** What the certificate of that server says in subjectAltName. */
export function peerUri(clusterId: string, id: ServerId): string {
  return `statecraft:${clusterId}:${id}`;
}

/** Null when its holder may speak as that server; otherwise why not. */
export function certificateRefusal(
  shown: PresentedCertificate,
  clusterId: string,
  id: ServerId,
): string | null {
  const { subjectaltname = '', ext_key_usage: usages } = shown;
  const names = printable(subjectaltname.slice(0, SHOWN_MAX));
  // Node.js puts an entry in quotation marks when it holds what separates entries, or a control.
  if (subjectaltname.includes('"')) {
    return `its certificate has a name that could be taken for several (${names})`;
  }
  const wanted = `URI:${peerUri(clusterId, id)}`;
  if (!subjectaltname.split(', ').includes(wanted)) {
    const found = names === '' ? 'nobody in subjectAltName' : names;
    return `its certificate names ${found}, not ${wanted}`;
  }
  const missing = Object.entries(USAGES).find(([, usage]) => usages?.includes(usage) === false);
  return missing === undefined ? null : `its certificate may not be used by a ${missing[0]}`;
}

/** Whether one of these authorities (PEM) has signed it, or one of those between them. */
export function isSignedBy(authorities: string, shown: X509Certificate | undefined): boolean {
  const signers = (authorities.match(PEM) ?? []).map((text) => new X509Certificate(text));
  const isSigned = (each: X509Certificate) =>
    signers.some((signer) => each.checkIssued(signer) && each.verify(signer.publicKey));
  let each = shown;
  for (let length = 0; each !== undefined && length < CHAIN_MAX; length += 1) {
    if (isSigned(each)) return true;
    each = each.issuerCertificate;
  }
  return false;
}

/** @throws StartError when its own certificate is one that every peer would refuse */
export function assertOwnCertificate(
  path: string,
  { subjectAltName: subjectaltname, keyUsage }: X509Certificate,
  clusterId: string,
  id: ServerId,
): void {
  const refusal = certificateRefusal({ subjectaltname, ext_key_usage: keyUsage }, clusterId, id);
  if (refusal === null) return;
  throw new StartError(
    `No peer of server ${id} would accept ${printable(path)}: ${refusal}. Make one with ` +
      `"statecraft certificates peer --id ${id}", for the ids and the name of this cluster.`,
  );
}
