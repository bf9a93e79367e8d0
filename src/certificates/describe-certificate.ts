/** Describes a certificate in plain words. They may come from a stranger: escape them for printing. */
import { createPublicKey } from 'node:crypto';
import { momentText } from '../node/pem-files.ts';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  X509Certificate,
} from '../vendor/x509.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const USES: Readonly<Record<string, string>> = {
  '1.3.6.1.5.5.7.3.1': 'as a TLS server',
  '1.3.6.1.5.5.7.3.2': 'as a TLS client',
  '2.5.29.37.0': 'for everything',
};
const KINDS: Readonly<Record<string, string>> = {
  dns: 'host',
  ip: 'IP address',
  url: 'URI',
  email: 'e-mail address',
};
const PEER = /^statecraft:([^:]*):([^:]*)$/;

/** A name and what it is, line by line. */
export function describeCertificate(
  pem: string,
  now: Date,
): readonly (readonly [string, string])[] {
  const certificate = new X509Certificate(pem);
  const names = certificate.getExtension(SubjectAlternativeNameExtension)?.names.items ?? [];
  return [
    ['for', certificate.subject],
    ...(names.length === 0 ? ['none'] : names.map(spelled)).map((name) => ['names', name] as const),
    ['may be used', usesOf(certificate)],
    ['issued by', certificate.issuer === certificate.subject ? 'itself' : certificate.issuer],
    ['valid', validityOf(certificate, now)],
    ['key', keyOf(certificate)],
    ['serial', certificate.serialNumber],
  ];
}

function spelled({ type, value }: { readonly type: string; readonly value: string }): string {
  const [, clusterId, id] = PEER.exec(type === 'url' ? value : '') ?? [];
  return id === undefined
    ? `${KINDS[type] ?? type} ${value}`
    : `server ${id} of cluster ${clusterId} (URI ${value})`;
}

function usesOf(certificate: X509Certificate): string {
  if (certificate.getExtension(BasicConstraintsExtension)?.ca === true) {
    const flags = certificate.getExtension(KeyUsagesExtension)?.usages ?? KeyUsageFlags.keyCertSign;
    const signs = (flags & KeyUsageFlags.keyCertSign) !== 0;
    return signs ? 'as an authority: it signs certificates' : 'as an authority, but signs none';
  }
  const usages = certificate.getExtension(ExtendedKeyUsageExtension)?.usages;
  if (usages === undefined) return 'for any purpose: it names none';
  return usages.map((usage) => USES[String(usage)] ?? String(usage)).join(', ');
}

function validityOf({ notBefore, notAfter }: X509Certificate, now: Date): string {
  const leftMs = notAfter.getTime() - now.getTime();
  const days = Math.floor(Math.abs(leftMs) / DAY_MS);
  const interval = `from ${momentText(notBefore)} until ${momentText(notAfter)}`;
  if (leftMs <= 0) return `${interval}: EXPIRED ${days} days ago`;
  return now < notBefore ? `${interval}: NOT YET` : `${interval}: ${days} days left`;
}

function keyOf({ publicKey }: X509Certificate): string {
  const key = createPublicKey({ key: Buffer.from(publicKey.rawData), format: 'der', type: 'spki' });
  const { namedCurve, modulusLength } = key.asymmetricKeyDetails ?? {};
  const detail = namedCurve ?? (modulusLength === undefined ? '' : `of ${modulusLength} bits`);
  return `${key.asymmetricKeyType} ${detail}`.trim();
}
