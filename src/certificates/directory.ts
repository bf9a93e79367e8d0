/** A directory with an authority (`ca.crt`, `ca.key`), and with what it has signed. */
import { join } from 'node:path';
import { printable } from '../formats/printable.ts';
import { readCertificates, readPrivateKey } from '../node/pem-files.ts';
import { X509Certificate } from '../vendor/x509.ts';
import { CertificateError } from './certificate-error.ts';
import {
  type Authority,
  issue,
  type Made,
  makeAuthority,
  renewAuthority,
  type Validity,
} from './issue.ts';
import type { Request } from './requests.ts';
import { type NewFile, replaceOld, writeNew } from './written.ts';

export interface Place extends Validity {
  readonly directory: string;
  /** Whether what is there is replaced; otherwise it is never touched. */
  readonly renew: boolean;
}

export interface Written {
  readonly cert: string;
  readonly key: string;
  readonly validUntil: Date;
}

/** Renewed, it keeps its name and its key: what it has signed stays valid. */
export async function writeAuthority(place: Place, name: string): Promise<Written> {
  if (!place.renew) return write(place, 'ca', await makeAuthority(name, place));
  const { cert, validUntil } = await renewAuthority(readAuthority(place.directory), place);
  const paths = pathsOf(place.directory, 'ca');
  replaceOld([{ path: paths.cert, text: cert, isSecret: false }]);
  return { ...paths, validUntil };
}

/** Renewed, it gets a new key. */
export async function writeCertificate(
  place: Place,
  name: string,
  request: Request,
): Promise<Written> {
  return write(place, name, await issue(readAuthority(place.directory), request, place));
}

function write(
  { directory, renew }: Place,
  name: string,
  { cert, key, validUntil }: Made,
): Written {
  const paths = pathsOf(directory, name);
  const files: readonly NewFile[] = [
    { path: paths.key, text: key, isSecret: true },
    { path: paths.cert, text: cert, isSecret: false },
  ];
  if (renew) replaceOld(files);
  else writeNew(files);
  return { ...paths, validUntil };
}

/** @throws StartError when a file is missing or no good, CertificateError when it is not ours */
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
      `The key of ${printable(paths.cert)} is not one of ECDSA with P-256: make an authority with ` +
        '"statecraft certificates authority", or certificates with the tools that made this one.',
    );
  }
  return { certificate: new X509Certificate(certificate.toString()), key };
}

function pathsOf(directory: string, name: string): { cert: string; key: string } {
  return { cert: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) };
}
