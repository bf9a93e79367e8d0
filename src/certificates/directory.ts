/** A directory with an authority (`ca.crt`, `ca.key`), and with what it has signed. */
import { join } from 'node:path';
import { printable } from '../formats/printable.ts';
import { readCertificates, readPrivateKey } from '../node/pem-files.ts';
import { X509Certificate } from '../vendor/x509.ts';
import {
  type Authority,
  CertificateError,
  type IssuedCertificate,
  issue,
  makeAuthority,
  renewAuthority,
  type Validity,
} from './issue.ts';
import type { CertificateRequest } from './requests.ts';
import { replaceOld, writeNew } from './written.ts';

export interface CertificateTarget extends Validity {
  readonly directory: string;
  /** Whether existing files are replaced; otherwise they are never changed. */
  readonly renew: boolean;
}

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
  readonly validUntil: Date;
}

/** Renewed, it keeps its name and its key: what it has signed stays valid. */
export async function writeAuthority(
  target: CertificateTarget,
  name: string,
): Promise<CertificateFiles> {
  if (!target.renew) return write(target, 'ca', await makeAuthority(name, target));
  const { cert, validUntil } = await renewAuthority(readAuthority(target.directory), target);
  const paths = pathsOf(target.directory, 'ca');
  replaceOld([{ path: paths.cert, text: cert, isSecret: false }]);
  return { ...paths, validUntil };
}

/** Renewed, it gets a new key. */
export async function writeCertificate(
  target: CertificateTarget,
  name: string,
  request: CertificateRequest,
): Promise<CertificateFiles> {
  return write(target, name, await issue(readAuthority(target.directory), request, target));
}

function write(
  { directory, renew }: CertificateTarget,
  name: string,
  { cert, key, validUntil }: IssuedCertificate,
): CertificateFiles {
  const paths = pathsOf(directory, name);
  (renew ? replaceOld : writeNew)([
    { path: paths.key, text: key, isSecret: true },
    { path: paths.cert, text: cert, isSecret: false },
  ]);
  return { ...paths, validUntil };
}

/** @throws StartError for a missing or damaged file, CertificateError for another kind of authority */
function readAuthority(directory: string): Authority {
  const paths = pathsOf(directory, 'ca');
  const [certificate] = readCertificates(paths.cert);
  const { key } = readPrivateKey(paths.key);
  if (certificate === undefined || !certificate.ca || !certificate.checkPrivateKey(key)) {
    throw new CertificateError(
      `${printable(paths.cert)} and ${printable(paths.key)} are not the certificate and the key of ` +
        'one authority: put back the two that were made together.',
    );
  }
  if (key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new CertificateError(
      `The key of ${printable(paths.cert)} is not an ECDSA P-256 key: make an authority with ` +
        '"statecraft certificates authority", or certificates with the tools that made this one.',
    );
  }
  return { certificate: new X509Certificate(certificate.toString()), key };
}

function pathsOf(directory: string, name: string): { cert: string; key: string } {
  return { cert: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) };
}
