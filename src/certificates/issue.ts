/**
 * Makes certificates: an authority's own, and those that it signs. Keys and signatures come from
 * Node.js (ECDSA with P-256 and SHA-256); the library only writes the form of X.509 (RFC 5280).
 */
import { createPublicKey, KeyObject, randomBytes, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '../vendor/x509.ts';
import type { CertificateRequest } from './requests.ts';

/** A certificate that is not issued, or a file that is not written: the message says why. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

/** Both as PEM. */
export interface IssuedCertificate {
  readonly cert: string;
  readonly key: string;
  readonly validUntil: Date;
}

export interface Validity {
  readonly now: Date;
  readonly days: number;
}

export interface Authority {
  readonly certificate: X509Certificate;
  readonly key: KeyObject;
}

const ECDSA = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const SECOND_MS = 1_000;
const DAY_MS = 24 * 60 * 60 * SECOND_MS;
/** The clock of the checking machine may be behind. */
const BACKDATED_MS = 5 * 60 * SECOND_MS;
const SERIAL_BYTES = 16;

/** It signs certificates of servers and clients, but not of other authorities. */
export async function makeAuthority(name: string, validity: Validity): Promise<IssuedCertificate> {
  return selfSigned(nameOf([['CN', name]]), await newKeys(), validity);
}

/** With its name and key as they were: whatever it has signed stays valid. */
export async function renewAuthority(
  { certificate, key }: Authority,
  validity: Validity,
): Promise<IssuedCertificate> {
  const keys = { privateKey: await signingKey(key), publicKey: await verifyingKey(key) };
  return selfSigned(certificate.subjectName, keys, validity);
}

/** A new key each time. It never outlives the authority. @throws CertificateError */
export async function issue(
  { certificate: authority, key: authorityKey }: Authority,
  { subject, names, usages }: CertificateRequest,
  validity: Validity,
): Promise<IssuedCertificate> {
  const { notBefore, notAfter } = intervalOf(validity, authority);
  if (notAfter <= validity.now) {
    throw new CertificateError(
      `The authority expired on ${notAfter.toISOString().slice(0, 10)}: renew it first, with ` +
        '"statecraft certificates authority --renew".',
    );
  }
  const { publicKey, privateKey } = await newKeys();
  const extendedUsages = usages.map((usage) => ExtendedKeyUsage[`${usage}Auth`]);
  const certificate = await X509CertificateGenerator.create({
    ...{ notBefore, notAfter, publicKey, serialNumber: newSerial(), signingAlgorithm: ECDSA },
    subject: nameOf(subject),
    issuer: authority.subjectName,
    signingKey: await signingKey(authorityKey),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension(extendedUsages, false),
      ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension([...names], false)]),
      await SubjectKeyIdentifierExtension.create(publicKey),
      new AuthorityKeyIdentifierExtension(keyIdOf(authority)),
    ],
  });
  return issued(certificate, privateKey);
}

async function selfSigned(
  name: Name,
  keys: webcrypto.CryptoKeyPair,
  validity: Validity,
): Promise<IssuedCertificate> {
  const certificate = await X509CertificateGenerator.createSelfSigned({
    ...{ name, keys, ...intervalOf(validity), serialNumber: newSerial(), signingAlgorithm: ECDSA },
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return issued(certificate, keys.privateKey);
}

/** Each value is passed as an object, and taken as it is: as text it would be parsed. */
function nameOf(attributes: CertificateRequest['subject']): Name {
  return new Name(attributes.map(([name, value]) => ({ [name]: [{ utf8String: value }] })));
}

function issued(certificate: X509Certificate, privateKey: webcrypto.CryptoKey): IssuedCertificate {
  const key = KeyObject.from(privateKey).export({ type: 'pkcs8', format: 'pem' });
  return {
    cert: `${certificate.toString('pem')}\n`,
    key: String(key),
    validUntil: certificate.notAfter,
  };
}

/** Whole seconds, as X.509 has no smaller units; within the validity of the authority. */
function intervalOf({ now, days }: Validity, authority?: X509Certificate) {
  const nowMs = Math.floor(now.getTime() / SECOND_MS) * SECOND_MS;
  const firstMs = authority?.notBefore.getTime() ?? Number.NEGATIVE_INFINITY;
  const lastMs = authority?.notAfter.getTime() ?? Number.POSITIVE_INFINITY;
  return {
    notBefore: new Date(Math.max(nowMs - BACKDATED_MS, firstMs)),
    notAfter: new Date(Math.min(nowMs + days * DAY_MS, lastMs)),
  };
}

function newSerial(): string {
  return randomBytes(SERIAL_BYTES).toString('hex');
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(ECDSA, true, ['sign', 'verify']);
}

function signingKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const bytes = key.export({ type: 'pkcs8', format: 'der' });
  return webcrypto.subtle.importKey('pkcs8', bytes, ECDSA, true, ['sign']);
}

function verifyingKey(key: KeyObject): Promise<webcrypto.CryptoKey> {
  const bytes = createPublicKey(key).export({ type: 'spki', format: 'der' });
  return webcrypto.subtle.importKey('spki', bytes, ECDSA, true, ['verify']);
}

function keyIdOf(issuer: X509Certificate): string {
  const extension = issuer.getExtension(SubjectKeyIdentifierExtension);
  if (extension === null) {
    throw new CertificateError(
      'The authority has no subject key identifier: make one with "statecraft certificates".',
    );
  }
  return extension.keyId;
}
