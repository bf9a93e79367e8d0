/**
 * The secret that makes a server one of its cluster. Whoever holds it can be any server of it; it is
 * never sent, only proved (docs/decisions/0015-peers-prove-who-they-are.md).
 */
import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { StartError } from '../host/errors.ts';

export const CLUSTER_KEY_BYTES = 32;

/** What is derived of a secret; the secret itself is not kept. */
export interface ClusterKey {
  /** Says which key is meant, and nothing of it: 16 hexadecimal digits. */
  readonly name: string;
  /** For the codes of the handshake. */
  readonly auth: Buffer;
  /** The pre-shared key of TLS. */
  readonly tls: Buffer;
}

/** @throws StartError unless it has 32 bytes: a passphrase is not a key */
export function clusterKeyOf(secret: Uint8Array): ClusterKey {
  if (secret.byteLength !== CLUSTER_KEY_BYTES) {
    throw new StartError(
      `A cluster key has ${CLUSTER_KEY_BYTES} random bytes, not ${secret.byteLength}: make one with ` +
        'statecraft key new, or with randomBytes(32) of node:crypto. A passphrase is not a key.',
    );
  }
  const auth = derived(secret, 'statecraft peer 2 auth');
  const name = createHmac('sha256', auth).update('name').digest('hex').slice(0, 16);
  return { name, auth, tls: derived(secret, 'statecraft peer 2 tls') };
}

/**
 * Where certificates prove who a server is, the handshake only ties that proof to its connection: its
 * codes need no secret of their own.
 */
export const NO_CLUSTER_KEY: ClusterKey = {
  name: '0'.repeat(16),
  auth: Buffer.alloc(0),
  tls: Buffer.alloc(0),
};

let ofThisProcess: ClusterKey | null = null;

/** Random, made when it is first asked for: servers of one process need no file. */
export function processClusterKey(): ClusterKey {
  ofThisProcess ??= clusterKeyOf(randomBytes(CLUSTER_KEY_BYTES));
  return ofThisProcess;
}

function derived(secret: Uint8Array, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', purpose, CLUSTER_KEY_BYTES));
}
