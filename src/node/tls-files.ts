/**
 * What one end of a TLS connection presents and accepts: a certificate with its private key, and the
 * authorities whose certificates it accepts. Read from PEM files, and renewed by replacing them
 * while a server runs. A pair of files cannot be replaced in one step: between the two steps the
 * pair that was read before is used.
 */
import type { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { printable } from '../formats/printable.ts';
import { StartError } from '../host/errors.ts';
import type { Clock } from '../ports/clock.ts';
import { momentText, opensslReasonOf, readCertificates, readPrivateKey } from './pem-files.ts';
import { realClock } from './real-time.ts';
import { every, type Watched, watchFiles } from './watched-files.ts';

export interface TlsPaths {
  /** Its certificate first, then those that lead from it to an authority, if any do. */
  readonly cert: string;
  readonly key: string;
  /** The authorities whose certificates are accepted; without it, those of Node.js. */
  readonly ca?: string;
}

/** Fits the options of `node:tls` as it is. */
export interface TlsMaterial {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string;
  /** When the first of the certificates in `cert` expires. */
  readonly validUntil: Date;
  /** The first of them, as Node.js reads it. */
  readonly certificate: X509Certificate;
}

export interface TlsWatchOptions {
  /** What else they have to be, whom they have to name for instance. @throws StartError */
  readonly check?: (material: TlsMaterial) => void;
  /** They were replaced, and can be used. */
  readonly onChanged?: (material: TlsMaterial) => void;
  /**
   * They were replaced, and cannot be used, once for each change: the old ones still count. Or the
   * certificate in use expires soon, or has: at the start, when renewed, and once a day.
   */
  readonly onProblem?: (message: string) => void;
  readonly clock?: Clock;
  readonly intervalMs?: number;
  /** By the calendar, which the clock does not know. */
  readonly now?: () => Date;
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const EXPIRY_WARNING_DAYS = 14;

/** @throws StartError, a sentence that names the file and what is wrong with it */
export function readTlsFiles(paths: TlsPaths, now: Date = new Date()): TlsMaterial {
  const chain = readCertificates(paths.cert);
  const [certificate] = chain;
  const { pem, key } = readPrivateKey(paths.key);
  if (certificate === undefined || !certificate.checkPrivateKey(key)) {
    throw new StartError(
      `The private key ${printable(paths.key)} does not belong to the certificate ` +
        `${printable(paths.cert)}: use two files that belong together.`,
    );
  }
  for (const each of chain) assertValid(paths.cert, each, now);
  const material: TlsMaterial = {
    cert: pemOf(chain),
    key: pem,
    ...(paths.ca !== undefined && { ca: readAuthorities(paths.ca, now) }),
    validUntil: new Date(Math.min(...chain.map(({ validTo }) => Date.parse(validTo)))),
    certificate,
  };
  assertUsable(paths, material);
  return material;
}

/** As PEM. @throws StartError also when none of them is valid now */
export function readAuthorities(path: string, now: Date = new Date()): string {
  const authorities = readCertificates(path);
  const other = authorities.find(({ ca, issuer, subject }) => !ca && issuer !== subject);
  if (other !== undefined) {
    throw new StartError(
      `${printable(path)} holds a certificate that is not an authority's ` +
        `(${printable(other.subject)}): name the file of the authority that issued it.`,
    );
  }
  // While one takes the place of another both are there, and the old one may expire.
  const isValid = (each: X509Certificate) => Date.parse(each.validTo) > now.getTime();
  const [first] = authorities;
  if (first !== undefined && !authorities.some(isValid)) assertValid(path, first, now);
  return pemOf(authorities);
}

/** Null while there is enough time. */
function expiryWarning(path: string, { validUntil }: TlsMaterial, now: Date): string | null {
  const leftMs = validUntil.getTime() - now.getTime();
  if (leftMs >= EXPIRY_WARNING_DAYS * DAY_MS) return null;
  const name = `The certificate ${printable(path)}`;
  return leftMs > 0
    ? `${name} expires in ${Math.floor(leftMs / DAY_MS)} days, on ${momentText(validUntil)}: replace ` +
        'it and its key with new ones; no restart is needed.'
    : `${name} expired on ${momentText(validUntil)}, and is refused everywhere: replace it and ` +
        'its key with new ones; no restart is needed.';
}

/** Reads them, and again whenever they are replaced. @throws StartError as `readTlsFiles` */
export function watchTlsFiles(
  paths: TlsPaths,
  options: TlsWatchOptions = {},
): Watched<TlsMaterial> {
  const { check, onChanged, onProblem, now = () => new Date() } = options;
  const { clock = realClock, intervalMs } = options;
  const warn = () => {
    const warning = expiryWarning(paths.cert, files.value, now());
    if (warning !== null) onProblem?.(warning);
  };
  const files = watchFiles({
    paths: [paths.cert, paths.key, ...(paths.ca === undefined ? [] : [paths.ca])],
    read: () => {
      const material = readTlsFiles(paths, now());
      check?.(material);
      return material;
    },
    onChanged: (material) => {
      onChanged?.(material);
      warn();
    },
    onFailed: (message) => onProblem?.(`${message} Until then the old one is used.`),
    clock,
    intervalMs,
  });
  warn();
  const stopWarning = every(clock, DAY_MS, warn);
  const { stop } = files;
  return Object.assign(files, {
    stop() {
      stop();
      stopWarning();
    },
  });
}

function assertValid(path: string, { validFrom, validTo }: X509Certificate, now: Date): void {
  if (now.getTime() >= Date.parse(validTo)) {
    throw new StartError(
      `The certificate ${printable(path)} expired on ${momentText(new Date(validTo))}: make a new ` +
        'one, and put it and its key in their places.',
    );
  }
  if (now.getTime() < Date.parse(validFrom)) {
    throw new StartError(
      `The certificate ${printable(path)} is not valid before ${momentText(new Date(validFrom))}, ` +
        `and it is ${momentText(now)}: set the clock of this machine, or put it there later.`,
    );
  }
}

/** OpenSSL has demands of its own, on the length of keys for instance. */
function assertUsable({ cert, key }: TlsPaths, material: TlsMaterial): void {
  try {
    createSecureContext(material);
  } catch (error) {
    throw new StartError(
      `TLS refuses the certificate ${printable(cert)} with its key ${printable(key)} ` +
        `(${opensslReasonOf(error)}): make new ones.`,
    );
  }
}

function pemOf(certificates: readonly X509Certificate[]): string {
  return certificates.map(String).join('');
}
