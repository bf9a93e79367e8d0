/**
 * Why nothing was sent although somebody is there, by the codes of Node.js: a server was not believed,
 * or did not believe us. Browsers do not tell.
 */

/** Ours: there was no token to show. */
export const NO_TOKEN = 'NO_TOKEN';

const unknownAuthority = [
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
];
const plain = ['ERR_SSL_WRONG_VERSION_NUMBER', 'ERR_SSL_PACKET_LENGTH_TOO_LONG', 'EPROTO'];
const others = [
  'CERT_CHAIN_TOO_LONG',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'HOSTNAME_MISMATCH',
  'INVALID_CA',
  'INVALID_PURPOSE',
];
/** What the other end says of our certificate, or of the lack of one. */
const alert =
  /^ERR_SSL_\w*_ALERT_(?:\w*CERTIFICATE\w*|UNKNOWN_CA|HANDSHAKE_FAILURE|ACCESS_DENIED)$/;

/** One sentence for people; null when the code is that of any other failure. */
export function connectionFault(endpoint: string, code: string): string | null {
  if (code === NO_TOKEN) return 'There is no token to show: the function for it gave none.';
  const theirs = `The certificate of ${endpoint}`;
  if (unknownAuthority.includes(code)) {
    return `${theirs} is of an authority that is not known here: name its file (--tls-ca, or ca).`;
  }
  if (code === 'CERT_HAS_EXPIRED') return `${theirs} has expired: it must be renewed there.`;
  if (code === 'CERT_NOT_YET_VALID') {
    return `${theirs} is not valid yet: compare the clocks of both machines.`;
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return `${theirs} is not for that address: ask by a name that is in it, or have it made anew.`;
  }
  if (others.includes(code)) return `${theirs} cannot be believed (${code}).`;
  if (plain.includes(code)) return `${endpoint} does not speak TLS: ask with http://.`;
  if (!alert.test(code)) return null;
  return `${endpoint} does not accept our certificate (${code}): show one (--tls-cert, --tls-key).`;
}
