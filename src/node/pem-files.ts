/**
 * Certificates and private keys in PEM files. What is wrong with one is a sentence that names the
 * file, because the errors of OpenSSL name neither the file nor what to do.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync, type Stats, statSync } from 'node:fs';
import { printable } from '../formats/printable.ts';
import { StartError } from '../host/errors.ts';
import { modeText, OTHERS } from './file-mode.ts';
import { errorCode } from './files.ts';

/** Far above any chain of certificates, far below what would hurt to read. */
const SIZE_MAX = 1024 * 1024;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** All in the file, in its order; at least one. @throws StartError */
export function readCertificates(path: string): readonly X509Certificate[] {
  const blocks = readText(path, 'certificate').text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) {
    throw new StartError(
      `${printable(path)} holds no certificate: a PEM file is expected, with a line ` +
        '"-----BEGIN CERTIFICATE-----".',
    );
  }
  return blocks.map((block, at) => {
    try {
      return new X509Certificate(block);
    } catch (error) {
      throw new StartError(
        `Certificate ${at + 1} of ${blocks.length} in ${printable(path)} cannot be read ` +
          `(${opensslReasonOf(error)}): copy it once more, or make it anew.`,
      );
    }
  });
}

/** A key that others may read is refused, as ssh does. @throws StartError */
export function readPrivateKey(path: string): { readonly pem: string; readonly key: KeyObject } {
  const { text, stats } = readText(path, 'private key');
  // Of a key that is another user's, that user has decided who may read it.
  if (stats.uid === process.getuid?.() && (stats.mode & OTHERS) !== 0) {
    throw new StartError(
      `The private key ${printable(path)} can be used by others than its owner (mode 0${modeText(stats.mode)}): ` +
        'give it mode 0600, and a new key if somebody may have read it.',
    );
  }
  if (/ENCRYPTED/.test(text)) {
    throw new StartError(
      `The private key ${printable(path)} is encrypted, and nobody is there to type a passphrase ` +
        'when a server starts: store it decrypted, with mode 0600.',
    );
  }
  try {
    return { pem: text, key: createPrivateKey(text) };
  } catch (error) {
    throw new StartError(
      `${printable(path)} holds no private key that can be read (${opensslReasonOf(error)}): a PEM file ` +
        'is expected, with a line such as "-----BEGIN PRIVATE KEY-----".',
    );
  }
}

/** What OpenSSL says, as one line. */
export function opensslReasonOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}

/** To the minute, which is enough for a person and the same in every time zone. */
export function momentText(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

function readText(path: string, what: string): { text: string; stats: Stats } {
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > SIZE_MAX) {
      throw new StartError(
        `${printable(path)} cannot be a ${what}: a file of at most ${SIZE_MAX} bytes is expected.`,
      );
    }
    return { text: readFileSync(path, 'utf8'), stats };
  } catch (error) {
    if (error instanceof StartError) throw error;
    const code = errorCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new StartError(
        `There is no ${what} at ${printable(path)}: name the file that has it, or make one with ` +
          '"statecraft certificates".',
      );
    }
    throw new StartError(
      `The ${what} ${printable(path)} cannot be read (${code ?? opensslReasonOf(error)}): let the user ` +
        'that runs this server read it.',
    );
  }
}
