/** Certificates for a test: an authority, and what it signs, as PEM and without a file. */
import { createPrivateKey } from 'node:crypto';
import {
  type Authority,
  issue,
  makeAuthority,
  type Validity,
} from '../../src/certificates/issue.ts';
import type { CertificateRequest } from '../../src/certificates/requests.ts';
import { X509Certificate } from '../../src/vendor/x509.ts';

export const DAY_MS = 24 * 60 * 60 * 1_000;
export const CLUSTER = 'c0'.repeat(16);

/** Fits the options of `node:tls`. */
export interface Certified {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

export interface TestAuthority extends Authority {
  readonly cert: string;
  readonly keyText: string;
}

/** For so many days, from so many days ago. */
export function lasting(days: number, agoDays = 0): Validity {
  return { now: new Date(Date.now() - agoDays * DAY_MS), days };
}

export async function newAuthority(validity = lasting(100, 50)): Promise<TestAuthority> {
  const { cert, key } = await makeAuthority('Authority of tests', validity);
  return { ...authorityOf(cert, key), cert, keyText: key };
}

/** Whoever has a certificate and its key can try to be one. */
export function authorityOf(cert: string, key: string): Authority {
  return { certificate: new X509Certificate(cert), key: createPrivateKey(key) };
}

export async function certified(
  authority: TestAuthority,
  request: CertificateRequest,
  validity = lasting(10),
): Promise<Certified> {
  const { cert, key } = await issue(authority, request, validity);
  return { cert, key, ca: authority.cert };
}
