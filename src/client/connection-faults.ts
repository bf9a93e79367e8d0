/**
 * Why nothing was sent although a server is there, by the error codes of Node.js: it could not prove
 * who it is, or the client could not. Browsers do not tell.
 */

/** Our own code: there was no token to show. */
export const NO_TOKEN = 'NO_TOKEN';

const unknownAuthority = 'is from an unknown authority: name its file (--tls-ca, or ca).';

const certificateFaults: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  CERT_HAS_EXPIRED: 'has expired: it must be renewed there.',
  CERT_NOT_YET_VALID: 'is not valid yet: compare the clocks of both machines.',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'is not for that address: use a name that is in it, or have it issued again.',
};
const otherCertificateFaults =
  /^(CERT_(CHAIN_TOO_LONG|REJECTED|REVOKED|SIGNATURE_FAILURE|UNTRUSTED)|HOSTNAME_MISMATCH|INVALID_(CA|PURPOSE))$/;
const notTls = /^(ERR_SSL_WRONG_VERSION_NUMBER|ERR_SSL_PACKET_LENGTH_TOO_LONG|EPROTO)$/;
/** What the other end says of our certificate, or of the lack of one. */
const alert = /^ERR_SSL_\w*_ALERT_(\w*CERTIFICATE\w*|UNKNOWN_CA|HANDSHAKE_FAILURE|ACCESS_DENIED)$/;

/** One sentence for people; null when the code is that of any other failure. */
export function connectionFault(endpoint: string, code: string): string | null {
  if (code === NO_TOKEN) return 'There is no token to show: the token function returned none.';
  const isOther = otherCertificateFaults.test(code);
  const fault = isOther ? `cannot be trusted (${code}).` : certificateFaults[code];
  if (fault !== undefined) return `The certificate of ${endpoint} ${fault}`;
  if (notTls.test(code)) return `${endpoint} does not speak TLS: use http://.`;
  if (!alert.test(code)) return null;
  return `${endpoint} does not accept our certificate (${code}): show one (--tls-cert, --tls-key).`;
}
