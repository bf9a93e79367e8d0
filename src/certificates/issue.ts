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
import { CertificateError } from './certificate-error.ts';
import type { Request } from './requests.ts';

/** Both as PEM. */
export interface Made {
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
/** The clock of whoever checks it may be behind. */
const BACKDATED_MS = 5 * 60 * SECOND_MS;
const SERIAL_BYTES = 16;

/** It signs certificates of servers and clients, and none of another authority. */
export async function makeAuthority(name: string, validity: Validity): Promise<Made> {
  return signedByItself(nameOf([['CN', name]]), await newKeys(), validity);
}

/** With its name and key as they were: whatever it has signed stays valid. */
export async function renewAuthority(
  { certificate, key }: Authority,
  validity: Validity,
): Promise<Made> {
  const keys = { privateKey: await signingKey(key), publicKey: await verifyingKey(key) };
  return signedByItself(certificate.subjectName, keys, validity);
}

/** A new key each time. It never outlives the authority. @throws CertificateError */
export async function issue(
  authority: Authority,
  { subject, names, usages }: Request,
  validity: Validity,
): Promise<Made> {
  const issuer = authority.certificate;
  const wanted = intervalOf(validity);
  const notBefore = later(wanted.notBefore, issuer.notBefore);
  const notAfter = earlier(wanted.notAfter, issuer.notAfter);
  if (notAfter <= validity.now) {
    throw new CertificateError(
      `The authority expired on ${notAfter.toISOString().slice(0, 10)}: renew it first, with ` +
        '"statecraft certificates authority --renew".',
    );
  }
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: nameOf(subject),
    issuer: issuer.subjectName,
    notBefore,
    notAfter,
    publicKey: keys.publicKey,
    signingKey: await signingKey(authority.key),
    signingAlgorithm: ECDSA,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension(
        usages.map((usage) => ExtendedKeyUsage[`${usage}Auth`]),
        false,
      ),
      ...(names.length === 0 ? [] : [new SubjectAlternativeNameExtension([...names], false)]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      new AuthorityKeyIdentifierExtension(keyIdOf(issuer)),
    ],
  });
  return made(certificate, keys.privateKey);
}

async function signedByItself(
  name: Name,
  keys: webcrypto.CryptoKeyPair,
  validity: Validity,
): Promise<Made> {
  const certificate = await X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name,
    ...intervalOf(validity),
    keys,
    signingAlgorithm: ECDSA,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return made(certificate, keys.privateKey);
}

/** Each value goes in as an object, and is taken as it is: as text it would be parsed. */
function nameOf(attributes: Request['subject']): Name {
  return new Name(
    attributes.map(([attribute, value]) => ({ [attribute]: [{ utf8String: value }] })),
  );
}

function made(certificate: X509Certificate, privateKey: webcrypto.CryptoKey): Made {
  const key = KeyObject.from(privateKey).export({ type: 'pkcs8', format: 'pem' });
  return {
    cert: `${certificate.toString('pem')}\n`,
    key: String(key),
    validUntil: certificate.notAfter,
  };
}

/** Whole seconds: X.509 knows no smaller ones. */
function intervalOf({ now, days }: Validity): { notBefore: Date; notAfter: Date } {
  const nowMs = Math.floor(now.getTime() / SECOND_MS) * SECOND_MS;
  return { notBefore: new Date(nowMs - BACKDATED_MS), notAfter: new Date(nowMs + days * DAY_MS) };
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

function later(one: Date, other: Date): Date {
  return one > other ? one : other;
}

function earlier(one: Date, other: Date): Date {
  return one < other ? one : other;
}
