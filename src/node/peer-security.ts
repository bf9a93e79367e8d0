/**
 * What a connection between servers stands on: the cluster's key alone on loopback, TLS 1.3 with that
 * key beyond it, or TLS with certificates of the cluster's own authority.
 */
import type { X509Certificate } from 'node:crypto';
import type { Server as HttpsServer, ServerOptions } from 'node:https';
import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { TLSSocket } from 'node:tls';
import type { ServerId } from '../../machines/rules/entries.ts';
import { StartError } from '../host/errors.ts';
import type { Clock } from '../ports/clock.ts';
import { type ClusterKey, clusterKeyOf, NO_CLUSTER_KEY, processClusterKey } from './cluster-key.ts';
import { readClusterKeys } from './cluster-key-file.ts';
import { noLongerTrusted } from './handshake-refusals.ts';
import { isLoopback } from './loopback.ts';
import type { ListenAddress } from './peer-addresses.ts';
import {
  assertOwnCertificate,
  certificateRefusal,
  isSignedBy,
  type PresentedCertificate,
} from './peer-certificate.ts';
import type { ProvedPeer } from './peer-handshake.ts';
import type { PeerRefusal } from './peer-register.ts';
import { type TlsMaterial, type TlsPaths, watchTlsFiles } from './tls-files.ts';
import { type Watched, watchFiles } from './watched-files.ts';

/** 32 random bytes, or two such keys while one replaces the other (the preferred one first), or a file. */
export type ClusterKeyOption = Uint8Array | readonly Uint8Array[] | { readonly file: string };

export interface PeerSecurityOptions {
  /** Where each server is reached: all `ws://`, or all `wss://`. */
  readonly cluster: Readonly<Record<ServerId, string>>;
  /** Default: one of this process, which no other process has. */
  readonly clusterKey?: ClusterKeyOption | undefined;
  /** Certificate, key and authority, PEM files; replaced while the server runs. */
  readonly peerTls?: Required<TlsPaths> | undefined;
  /** Where it listens. Default: host and port of its own address. */
  readonly listen?: ListenAddress | undefined;
  /** Lets frames travel readable and changeable beyond loopback. */
  readonly peerPlaintext?: boolean | undefined;
}

/** How servers' words travel, for people. */
export type PeerSecurityKind = 'loopback' | 'plaintext' | 'tls-key' | 'tls-certificates';

interface SecurityEvents {
  /** The keys, or the certificate, are others than before. */
  changed(): void;
  /** Something was reloaded, or could not be. */
  reported(message: string): void;
}

const EXPORTER = 'EXPORTER-statecraft-peer';
const CHANNEL_BYTES = 32;
/** The only cipher suite of TLS 1.3 that every build of OpenSSL offers for a pre-shared key. */
const KEY_TLS: ConnectionOptions = {
  minVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256',
  ca: [],
};

export class PeerSecurity {
  readonly kind: PeerSecurityKind;
  readonly #options: PeerSecurityOptions;
  readonly #keys: Pick<Watched<readonly ClusterKey[]>, 'value' | 'stop'>;
  readonly #tlsFiles: Watched<TlsMaterial> | null;
  readonly #presented = new WeakMap<TLSSocket, X509Certificate>();
  #assertOwn: (certificate: X509Certificate) => void = () => {};

  /** @throws StartError when addresses and options do not fit, and when a file cannot be used */
  constructor(
    options: PeerSecurityOptions,
    clock: Clock,
    intervalMs: number,
    events: SecurityEvents,
  ) {
    this.kind = kindOf(options);
    this.#options = options;
    this.#keys = keysOf(options, clock, intervalMs, events);
    const { peerTls } = options;
    try {
      this.#tlsFiles =
        peerTls === undefined
          ? null
          : watchTlsFiles(peerTls, {
              clock,
              intervalMs,
              check: ({ certificate }) => this.#assertOwn(certificate),
              onChanged: ({ validUntil }) => {
                const until = validUntil.toISOString();
                events.reported(`The peer certificate was reloaded: valid until ${until}.`);
                events.changed();
              },
              onProblem: events.reported,
            });
    } catch (error) {
      this.#keys.stop();
      throw error;
    }
  }

  /** The preferred one first. */
  get keys(): readonly ClusterKey[] {
    return this.#keys.value;
  }

  /** Whether a connection with that key, or with the certificate shown on it, would still be accepted. */
  isStillTrusted(keyName: string, socket: Socket): boolean {
    if (!this.keys.some(({ name }) => name === keyName)) return false;
    if (this.#tlsFiles === null || !(socket instanceof TLSSocket)) return true;
    return isSignedBy(this.#tlsFiles.value.ca ?? '', this.#presentedOn(socket));
  }

  /** Asked for once: where we dialled, Node.js takes it off its chain, and has none the next time. */
  #presentedOn(socket: TLSSocket): X509Certificate | undefined {
    const presented = this.#presented.get(socket) ?? socket.getPeerX509Certificate();
    if (presented !== undefined) this.#presented.set(socket, presented);
    return presented;
  }

  /** Null while what a peer has proved itself with still counts. */
  refusalOf({ id, keyName }: ProvedPeer, socket: Socket): PeerRefusal | null {
    const isTrusted = this.isStillTrusted(keyName, socket);
    return isTrusted ? null : { refusal: noLongerTrusted(id) };
  }

  /** Of the server that listens; null where there is no TLS. */
  listenOptions(): ServerOptions | null {
    if (this.#tlsFiles !== null) {
      return { ...this.#certificates(), requestCert: true, rejectUnauthorized: true };
    }
    if (this.kind !== 'tls-key') return null;
    const pskCallback = (_: TLSSocket, identity: string) =>
      this.keys.find(({ name }) => name === identity)?.tls ?? null;
    return { ...KEY_TLS, pskCallback };
  }

  /** Certificates that were replaced count from the next connection on. */
  renew(server: HttpsServer): void {
    if (this.#tlsFiles !== null) server.setSecureContext(this.#certificates());
  }

  /** @param attempt - of one peer, from 0: while keys are replaced, the other end may lack the first */
  dialOptions(attempt: number): ConnectionOptions {
    // Said, since an environment variable of Node.js would otherwise switch it off.
    const unnamed = { checkServerIdentity: () => undefined, rejectUnauthorized: true };
    if (this.#tlsFiles !== null) return { ...this.#certificates(), ...unnamed };
    if (this.kind !== 'tls-key') return {};
    const { name: identity, tls: psk } = this.keys[attempt % this.keys.length] as ClusterKey;
    return { ...KEY_TLS, pskCallback: () => ({ psk, identity }), ...unnamed };
  }

  /** What ties a handshake to this very connection. */
  channelOf(socket: Socket): Uint8Array {
    if (!(socket instanceof TLSSocket)) return new Uint8Array(0);
    return socket.exportKeyingMaterial(CHANNEL_BYTES, EXPORTER, Buffer.alloc(0));
  }

  certificateRefusal(socket: Socket, clusterId: string, id: ServerId): string | null {
    if (this.#tlsFiles === null) return null;
    // Null once it was cut off, when what has arrived before is still being read.
    const shown: PresentedCertificate | null =
      socket instanceof TLSSocket ? socket.getPeerCertificate() : null;
    const refusal = certificateRefusal(shown ?? {}, clusterId, id);
    return refusal === null ? null : `Server ${id} did not prove who it is: ${refusal}.`;
  }

  /** @throws StartError when our own certificate is one that every peer would refuse */
  assertUsable(clusterId: string, id: ServerId): void {
    this.#assertOwn = (certificate) =>
      assertOwnCertificate(this.#options.peerTls?.cert ?? '', certificate, clusterId, id);
    if (this.#tlsFiles !== null) this.#assertOwn(this.#tlsFiles.value.certificate);
  }

  stop(): void {
    this.#keys.stop();
    this.#tlsFiles?.stop();
  }

  #certificates(): { cert: string; key: string; ca: string; minVersion: 'TLSv1.3' } {
    const { cert, key, ca = '' } = this.#tlsFiles?.value ?? { cert: '', key: '' };
    return { cert, key, ca, minVersion: 'TLSv1.3' };
  }
}

/** @throws StartError */
function kindOf(options: PeerSecurityOptions): PeerSecurityKind {
  const { cluster, listen, peerTls, peerPlaintext } = options;
  const urls = Object.values(cluster).map((address) => new URL(address));
  const secure = urls.filter(({ protocol }) => protocol === 'wss:');
  if (secure.length > 0 && secure.length < urls.length) {
    throw new StartError(
      `${secure.length} of ${urls.length} addresses begin with wss:// and the others with ws://: all ` +
        'servers of a cluster talk to each other in one way, so write all of them alike.',
    );
  }
  if (secure.length > 0) return peerTls === undefined ? 'tls-key' : 'tls-certificates';
  if (peerTls !== undefined) {
    throw new StartError(
      'Peer certificates are not used with addresses that begin with ws://: write wss://.',
    );
  }
  const hosts = [...urls.map(({ hostname }) => hostname), listen?.host ?? '127.0.0.1'];
  const beyond = hosts.find((host) => !isLoopback(host));
  if (beyond === undefined) return 'loopback';
  if (peerPlaintext === true) return 'plaintext';
  throw new StartError(
    `${beyond} is not a loopback address, and ws:// would let anyone on the network path read and ` +
      'change what servers say: write wss://, which needs only the cluster key, or ask for ' +
      'plaintext explicitly (peerPlaintext, --peer-plaintext) inside a network that protects it.',
  );
}

/** @throws StartError for a key that cannot be used, and where others could not have the same one */
function keysOf(
  { cluster, clusterKey, peerTls }: PeerSecurityOptions,
  clock: Clock,
  intervalMs: number,
  { reported, changed }: SecurityEvents,
): Pick<Watched<readonly ClusterKey[]>, 'value' | 'stop'> {
  const given = (...keys: readonly ClusterKey[]) => ({ value: keys, stop() {} });
  if (clusterKey === undefined) {
    if (peerTls !== undefined) return given(NO_CLUSTER_KEY);
    const beyond = Object.values(cluster).find((address) => !isLoopback(new URL(address).hostname));
    if (beyond === undefined) return given(processClusterKey());
    throw new StartError(
      `Server addresses such as ${beyond} are on other machines, which need this cluster's key to ` +
        'talk to this server: give every server the same one (clusterKey, --cluster-key-file).',
    );
  }
  if (clusterKey instanceof Uint8Array) return given(clusterKeyOf(clusterKey));
  if (!('file' in clusterKey)) {
    const keys = clusterKey.map(clusterKeyOf);
    if (keys.length > 0) return given(...keys);
    throw new StartError('clusterKey holds no key: give one, or leave it out.');
  }
  return watchFiles({
    paths: [clusterKey.file],
    clock,
    intervalMs,
    read: () => readClusterKeys(clusterKey.file),
    onChanged: (keys) => {
      reported(`The cluster key was reloaded: ${keys.map(({ name }) => name).join(', ')}.`);
      changed();
    },
    onFailed: (message) => reported(`${message} Until then the old one is used.`),
  });
}
