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
  /** Who refuses: this end, or the other one, which may have proved who it is. */
  readonly source: 'own' | 'unproved' | 'proved';

  constructor(reason: string, source: HandshakeRefusal['source'] = 'own') {
    super(reason);
    this.source = source;
  }
}

/** The end that dialled. Each step is taken once; what is wrong throws, and ends the connection. */
export class Dialler {
  readonly #end: HandshakeEnd;
  readonly #to: ServerId;
  readonly #open: Uint8Array;
  #agreement: Agreement | null = null;

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
    const challenge = decodeChallenge(expected(frame, 'Challenge', null));
    const wrong = challengeRefusal(challenge, { ...this.#end, to: this.#to });
    const agreement = agreed(this.#end, this.#to, wrong, [challenge.keyName], this.#open);
    agreement.assertCode('acceptor', frame);
    this.#agreement = agreement;
    return agreement.authenticated('dialler', encodeHello('Proof', this.#end.hello()));
  }

  /** From the acceptor's Welcome to the peer. @throws FrameError, HandshakeRefusal */
  welcome(frame: Uint8Array): ProvedPeer {
    if (this.#agreement === null) throw new FrameError('a Welcome before the proof');
    const body = expected(frame, 'Welcome', this.#agreement);
    return this.#agreement.proved('welcome', frame, body);
  }
}

/** The end that was dialled. */
export class Acceptor {
  readonly #end: HandshakeEnd;
  #agreement: Agreement | null = null;

  constructor(end: HandshakeEnd) {
    this.#end = end;
  }

  /** From the dialler's Open to our Challenge. @throws FrameError, HandshakeRefusal */
  challenge(frame: Uint8Array): Uint8Array {
    const open = decodeOpen(expected(frame, 'Open', null));
    const { from, keyNames } = open;
    const { id, clusterId } = this.#end;
    const wrong = openRefusal(open, this.#end);
    this.#agreement = agreed(this.#end, from, wrong, keyNames, frame);
    const { keyName } = this.#agreement;
    const nonce = randomBytes(NONCE_BYTES);
    return this.#agreement.authenticated(
      'acceptor',
      encodeChallenge({ version: PROTOCOL_VERSION, clusterId, from: id, to: from, nonce, keyName }),
    );
  }

  /** From the dialler's Proof to the peer. @throws FrameError, HandshakeRefusal */
  accept(frame: Uint8Array): ProvedPeer {
    if (this.#agreement === null) throw new FrameError('a Proof first');
    return this.#agreement.proved('dialler', frame, expected(frame, 'Proof', null));
  }

  /** The last frame of the handshake, when the peer is accepted. */
  welcome(): Uint8Array {
    return this.#agreed().authenticated('welcome', encodeHello('Welcome', this.#end.hello()));
  }

  /** The last frame, when it has proved who it is and is refused all the same. */
  refusal(reason: string): Uint8Array {
    return this.#agreed().authenticated('refusal', encodeRefusal(reason));
  }

  #agreed(): Agreement {
    if (this.#agreement === null) throw new Error('A handshake ends after its proof');
    return this.#agreement;
  }
}

/**
 * After the first frame of each end, `open` of the dialler's.
 * @param keyNames - of the keys that the peer has, the preferred one first
 * @throws HandshakeRefusal
 */
function agreed(
  end: HandshakeEnd,
  peer: ServerId,
  wrong: string | null,
  keyNames: readonly string[],
  open: Uint8Array,
): Agreement {
  const refusal = wrong ?? end.certificateRefusal(peer);
  if (refusal !== null) throw new HandshakeRefusal(refusal);
  const [key] = keyNames.flatMap((name) => end.keys.filter((own) => own.name === name));
  if (key === undefined) throw new HandshakeRefusal(wrongKey(peer));
  return new Agreement(end, peer, key, open);
}

type Word = 'acceptor' | 'dialler' | 'welcome' | 'refusal';

/** All that was said, and the key that its codes are made with. */
class Agreement {
  readonly keyName: string;
  readonly #peer: ServerId;
  readonly #key: ClusterKey;
  readonly #channel: Uint8Array;
  readonly #transcript: Uint8Array[] = [];

  constructor({ channel }: HandshakeEnd, peer: ServerId, key: ClusterKey, open: Uint8Array) {
    this.keyName = key.name;
    this.#peer = peer;
    this.#key = key;
    this.#channel = channel;
    this.#transcript.push(prefixed(open));
  }

  /** Our next frame, with its code. */
  authenticated(word: Word, frame: Uint8Array): Uint8Array {
    macOf(frame).set(this.#nextCode(word, frame));
    return frame;
  }

  /** Whether the code of the next frame of the other end is right. */
  accepts(word: Word, frame: Uint8Array): boolean {
    const code = this.#nextCode(word, frame);
    return timingSafeEqual(code, macOf(frame));
  }

  /** @throws HandshakeRefusal when it is wrong */
  assertCode(word: Word, frame: Uint8Array): void {
    if (!this.accepts(word, frame)) throw new HandshakeRefusal(wrongKey(this.#peer));
  }

  /** The peer, whose hello is in that frame. @throws FrameError, HandshakeRefusal */
  proved(word: Word, frame: Uint8Array, body: Uint8Array): ProvedPeer {
    this.assertCode(word, frame);
    return { ...decodeHello(body), id: this.#peer, keyName: this.keyName };
  }

  /** The code that the next frame of either end must have. */
  #nextCode(word: Word, frame: Uint8Array): Buffer {
    this.#transcript.push(prefixed(withoutMac(frame)));
    const mac = createHmac('sha256', this.#key.auth);
    mac.update(prefixed(Buffer.from(word))).update(prefixed(this.#channel));
    for (const part of this.#transcript) mac.update(part);
    const code = mac.digest();
    this.#transcript.push(code);
    return code;
  }
}

/** Its length stands before it, so that no two transcripts run together into the same bytes. */
function prefixed(bytes: Uint8Array): Uint8Array {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.byteLength);
  return Buffer.concat([length, bytes]);
}

/** The body of the frame that is due. A Refusal in its place ends the handshake. */
function expected(bytes: Uint8Array, kind: HandshakeKind, agreement: Agreement | null): Uint8Array {
  const frame = handshakeFrame(bytes);
  if (frame.kind === 'Refusal') {
    const { reason } = decodeRefusal(frame.body);
    const isProved = agreement?.accepts('refusal', bytes) ?? false;
    throw new HandshakeRefusal(reason, isProved ? 'proved' : 'unproved');
  }
  if (frame.kind !== kind) throw new FrameError(`a ${frame.kind} instead of a ${kind}`);
  return frame.body;
}
