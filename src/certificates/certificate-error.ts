/** A certificate that is not made, or a file that is not written: a sentence for people. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError';
}
