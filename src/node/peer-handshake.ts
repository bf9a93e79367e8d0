/**
 * How two servers prove to each other that they belong to the cluster before either accepts anything
 * (docs/decisions/0015-peers-prove-who-they-are.md):
 *
 *     dialler                                   acceptor
 *        Open       who, to whom, a nonce   →
 *                                           ←   Challenge   its nonce, and its proof
 *        Proof      its own, and its hello  →
 *                                           ←   Welcome     its hello, or a Refusal with the reason
 *
 * A proof is a code over every byte said so far, under the cluster's key and bound to the TLS channel
 * if there is one. Nonces of both ends make each handshake its own: one that was recorded proves
 * nothing later (replay), at the other end (reflection: each role has its own word), at another
 * server (the ids are in it), beside another handshake, or for a lesser version or key (downgrade).
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ServerId } from '../../machines/rules/entries.ts';
import { FrameError, PROTOCOL_VERSION } from '../formats/frame.ts';
import {
  decodeChallenge,
  decodeHello,
  decodeOpen,
  decodeRefusal,
  encodeChallenge,
  encodeHello,
  encodeOpen,
  encodeRefusal,
  type HandshakeKind,
  handshakeFrame,
  macOf,
  NONCE_BYTES,
  type PeerHello,
  withoutMac,
} from '../formats/peer-frame.ts';
import type { ClusterKey } from './cluster-key.ts';
import { challengeRefusal, openRefusal, wrongKey } from './handshake-refusals.ts';

/** One end of a connection. */
export interface HandshakeEnd {
  readonly id: ServerId;
  readonly clusterId: string;
  /** The preferred one first. */
  readonly keys: readonly ClusterKey[];
  /** Keying material of the TLS channel; empty without one. */
  readonly channel: Uint8Array;
  /** What this server says of itself to a peer that has proved who it is. */
  hello(): PeerHello;
  /** Why the certificate of the other end is not that server's; null when it is, or none is asked. */
  certificateRefusal(id: ServerId): string | null;
}

/** The peer, when the handshake is over. */
export interface ProvedPeer extends PeerHello {
  readonly id: ServerId;
  /** The key both ends know. */
  readonly keyName: string;
}

/** One of the two ends refuses the other. */
export class HandshakeRefusal extends Error {
  override readonly name = 'HandshakeRefusal';
  /** Whether the refusal comes from a peer that has proved who it is. */
  readonly isProved: boolean;
  /** Whether the other end refused, not this one. */
  readonly isTheirs: boolean;

  constructor(reason: string, { isProved = false, isTheirs = false } = {}) {
    super(reason);
    this.isProved = isProved;
    this.isTheirs = isTheirs;
  }
}

/** The end that dialled. Each step is taken once; what is wrong throws, and ends the connection. */
export class Dialler {
  readonly #end: HandshakeEnd;
  readonly #to: ServerId;
  readonly #open: Uint8Array;
  #proof: Transcript | null = null;

  constructor(end: HandshakeEnd, to: ServerId) {
    this.#end = end;
    this.#to = to;
    this.#open = encodeOpen({
      versions: [PROTOCOL_VERSION],
      clusterId: end.clusterId,
      from: end.id,
      to,
      nonce: randomBytes(NONCE_BYTES),
      keyNames: end.keys.map(({ name }) => name),
    });
  }

  /** The first frame. */
  open(): Uint8Array {
    return this.#open;
  }

  /** From the acceptor's Challenge to our Proof. @throws FrameError, HandshakeRefusal */
  prove(frame: Uint8Array): Uint8Array {
    const body = expected(frame, 'Challenge', () => null);
    const challenge = decodeChallenge(body);
    const { clusterId, id, keys, certificateRefusal, hello } = this.#end;
    const wrong =
      challengeRefusal(challenge, { clusterId, id, to: this.#to }) ?? certificateRefusal(this.#to);
    if (wrong !== null) throw new HandshakeRefusal(wrong);
    const key = keys.find(({ name }) => name === challenge.keyName);
    if (key === undefined) throw new HandshakeRefusal(wrongKey(this.#to));
    const agreement = new Transcript(this.#end, key, this.#open);
    if (!agreement.accepts('acceptor', frame)) throw new HandshakeRefusal(wrongKey(this.#to));
    const proof = agreement.authenticated('dialler', encodeHello('Proof', hello()));
    this.#proof = agreement;
    return proof;
  }

  /** From the acceptor's Welcome to the peer. @throws FrameError, HandshakeRefusal */
  welcome(frame: Uint8Array): ProvedPeer {
    const agreement = this.#proof;
    if (agreement === null) throw new FrameError('a Welcome before the proof');
    const body = expected(frame, 'Welcome', () => agreement);
    if (!agreement.accepts('welcome', frame)) throw new HandshakeRefusal(wrongKey(this.#to));
    return { ...decodeHello(body), id: this.#to, keyName: agreement.keyName };
  }
}

/** The end that was dialled. */
export class Acceptor {
  readonly #end: HandshakeEnd;
  #from: ServerId | null = null;
  #agreement: Transcript | null = null;

  constructor(end: HandshakeEnd) {
    this.#end = end;
  }

  /** From the dialler's Open to our Challenge. @throws FrameError, HandshakeRefusal */
  challenge(frame: Uint8Array): Uint8Array {
    const open = decodeOpen(expected(frame, 'Open', () => null));
    const { id, clusterId, keys, certificateRefusal } = this.#end;
    const wrong = openRefusal(open, { id, clusterId }) ?? certificateRefusal(open.from);
    if (wrong !== null) throw new HandshakeRefusal(wrong);
    const keyName = open.keyNames.find((name) => keys.some((key) => key.name === name));
    const key = keys.find(({ name }) => name === keyName);
    if (key === undefined) throw new HandshakeRefusal(wrongKey(open.from));
    const { from } = open;
    const nonce = randomBytes(NONCE_BYTES);
    this.#from = from;
    this.#agreement = new Transcript(this.#end, key, frame);
    return this.#agreement.authenticated(
      'acceptor',
      encodeChallenge({
        version: PROTOCOL_VERSION,
        clusterId,
        from: id,
        to: from,
        nonce,
        keyName: key.name,
      }),
    );
  }

  /** From the dialler's Proof to the peer. @throws FrameError, HandshakeRefusal */
  accept(frame: Uint8Array): ProvedPeer {
    if (this.#agreement === null || this.#from === null) throw new FrameError('a Proof first');
    const body = expected(frame, 'Proof', () => null);
    if (!this.#agreement.accepts('dialler', frame)) {
      throw new HandshakeRefusal(wrongKey(this.#from));
    }
    return { ...decodeHello(body), id: this.#from, keyName: this.#agreement.keyName };
  }

  /** The last frame of the handshake, when the peer is accepted. */
  welcome(): Uint8Array {
    return this.#agreed().authenticated('welcome', encodeHello('Welcome', this.#end.hello()));
  }

  /** The last frame, when it has proved who it is and is refused all the same. */
  refusal(reason: string): Uint8Array {
    return this.#agreed().authenticated('refusal', encodeRefusal(reason));
  }

  #agreed(): Transcript {
    if (this.#agreement === null) throw new Error('A handshake ends after its proof');
    return this.#agreement;
  }
}

type Word = 'acceptor' | 'dialler' | 'welcome' | 'refusal';

/** All that was said, and the key that its codes are made with. */
class Transcript {
  readonly keyName: string;
  readonly #key: ClusterKey;
  readonly #channel: Uint8Array;
  readonly #transcript: Uint8Array[] = [];

  constructor({ channel }: HandshakeEnd, key: ClusterKey, open: Uint8Array) {
    this.keyName = key.name;
    this.#key = key;
    this.#channel = channel;
    this.#transcript.push(prefixed(open));
  }

  /** Our next frame, with its code. */
  authenticated(word: Word, frame: Uint8Array): Uint8Array {
    this.#transcript.push(prefixed(withoutMac(frame)));
    const code = this.#code(word);
    this.#transcript.push(code);
    macOf(frame).set(code);
    return frame;
  }

  /** Whether the code of the next frame of the other end is right. */
  accepts(word: Word, frame: Uint8Array): boolean {
    this.#transcript.push(prefixed(withoutMac(frame)));
    const code = this.#code(word);
    this.#transcript.push(code);
    return timingSafeEqual(code, macOf(frame));
  }

  #code(word: Word): Buffer {
    const mac = createHmac('sha256', this.#key.auth);
    mac.update(prefixed(Buffer.from(word))).update(prefixed(this.#channel));
    for (const part of this.#transcript) mac.update(part);
    return mac.digest();
  }
}

/** Its length stands before it, so that no two transcripts run together into the same bytes. */
function prefixed(bytes: Uint8Array): Uint8Array {
  const framed = new Uint8Array(4 + bytes.byteLength);
  new DataView(framed.buffer).setUint32(0, bytes.byteLength);
  framed.set(bytes, 4);
  return framed;
}

/** The body of the frame that is due. A Refusal in its place ends the handshake. */
function expected(
  bytes: Uint8Array,
  kind: HandshakeKind,
  agreement: () => Transcript | null,
): Uint8Array {
  const frame = handshakeFrame(bytes);
  if (frame.kind === 'Refusal') {
    const { reason } = decodeRefusal(frame.body);
    const isProved = agreement()?.accepts('refusal', bytes) ?? false;
    throw new HandshakeRefusal(reason, { isProved, isTheirs: true });
  }
  if (frame.kind !== kind) throw new FrameError(`a ${frame.kind} instead of a ${kind}`);
  return frame.body;
}
