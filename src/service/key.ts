/**
 * Decodes the key in a path: everything after the prefix up to `?`, percent-decoded once. Slashes
 * belong to the key, so no router may process it first.
 */
import { keyBytesMax } from '../kv/vocabulary.ts';
import { badRequest } from './errors.ts';

/** Nothing to decode: most keys. */
const PLAIN = /^[\x21-\x24\x26-\x7e]*$/;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The path of a request target, without the query. */
export function pathOf(url: string): string {
  const question = url.indexOf('?');
  return question === -1 ? url : url.slice(0, question);
}

/**
 * Percent-decoded once, valid UTF-8, and no longer than a key.
 * @param subject - what an error calls it
 */
export function decodePercentText(encoded: string, subject: string): string {
  if (PLAIN.test(encoded) && encoded.length <= keyBytesMax) return encoded;
  const bytes = percentDecode(encoded, subject);
  if (bytes.byteLength > keyBytesMax) {
    throw badRequest(
      `${subject} has ${bytes.byteLength} bytes; at most ${keyBytesMax} are allowed`,
    );
  }
  try {
    return utf8.decode(bytes);
  } catch {
    throw badRequest(`${subject} is not valid UTF-8 once its percent escapes are decoded`);
  }
}

/** Once, and to bytes: only all of them together need to be UTF-8. */
function percentDecode(encoded: string, subject: string): Uint8Array {
  const [wrong] = /%(?![0-9a-f]{2}).{0,2}/is.exec(encoded) ?? [];
  if (wrong !== undefined) {
    throw badRequest(
      `"${wrong}" in ${subject} is not a percent escape: write a literal percent sign as %25`,
    );
  }
  const decoded = encoded.replace(/%(..)/g, (_, hex) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(decoded, 'latin1');
}
