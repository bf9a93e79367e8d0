/** A running SHA-256: the host's own where it has one, since one in JavaScript is far slower. */

export interface RunningHash {
  update(bytes: Uint8Array): unknown;
  /** The 32 bytes of the digest; once, at the end. */
  digest(): Uint8Array;
}

/** Begins one over no bytes. */
export type StartHash = () => RunningHash;
