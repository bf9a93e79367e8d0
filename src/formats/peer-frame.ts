/**
 * What servers send to each other besides Raft's messages: the handshake in which both ends prove that
 * they belong to the cluster (docs/formats.md, "Handshake"), and afterwards that they are still there.
 *
 * A frame of the handshake but the first ends with 32 bytes of a message authentication code over
 * all that was said before it: the bytes as they were sent, never an encoding made anew.
 */
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import type { StateDigests } from '../ports/transport.ts';
import { DIGESTS_MAX, isShortDigest } from './digest.ts';
import {
  FormatError,
  fieldThat,
  integerField,
  listOf,
  type Reader,
  recordOf,
  type Shape,
  serverIdField,
  textField,
} from './fields.ts';
import { decodeBody, encodeBody, FrameError, readFrame } from './frame.ts';
import { decodeMessage } from './message-frame.ts';

export const NONCE_BYTES = 32;
const MAC_BYTES = 32;

/** Dialler to acceptor: who wants to talk to whom. Nothing of it is believed yet. */
export interface Open {
  /** The protocol versions the dialler speaks. */
  readonly versions: readonly number[];
  /** '' of a server that joins and does not know it yet. */
  readonly clusterId: string;
  readonly from: ServerId;
  /** '' of a server that joins and does not know whom it reaches. */
  readonly to: ServerId | '';
  /** Chosen afresh. */
  readonly nonce: Uint8Array;
  /** Of the keys it accepts, the preferred one first. */
  readonly keyNames: readonly string[];
}

/** Acceptor to dialler: what it has chosen, and the proof that it knows the key. */
export interface Challenge {
  readonly version: number;
  readonly clusterId: string;
  readonly from: ServerId;
  readonly to: ServerId;
  /** Chosen afresh. */
  readonly nonce: Uint8Array;
  readonly keyName: string;
}

/** What each end says of itself, once the other end has proved who it is. */
export interface PeerHello {
  readonly storageId: string;
  /** Random, of this run of the process. */
  readonly incarnation: string;
  /** The number of the sender's last durable write. */
  readonly writeNumber: number;
  /** Where clients reach the sender, `http://host:port`; '' when nowhere. */
  readonly clientAddress: string;
  /** The sender's software and its version, for people. */
  readonly software: string;
}

/** The last frame before the connection is closed. */
export interface RefusalFrame {
  readonly type: 'Refusal';
  /** A sentence. */
  readonly reason: string;
}

/** Sent about every second: the sender is alive, and its last durable write has this number. */
export interface Keepalive {
  readonly type: 'Keepalive';
  readonly writeNumber: number;
}

/** The acceptor's keys have changed: asks the dialler to prove itself again. */
export interface Renew {
  readonly type: 'Renew';
}

/** Of servers' states; who sends it is known by the connection. */
export interface Digests extends StateDigests {
  readonly type: 'Digests';
}

/** What may come once both ends have proved who they are. */
export type PeerFrame = RefusalFrame | Keepalive | Renew | Digests | Message;

/** 64 to 66 were version 1's, and are not given again. */
const KIND = {
  Open: 67,
  Challenge: 68,
  Proof: 69,
  Welcome: 70,
  Refusal: 71,
  Keepalive: 72,
  Renew: 73,
  Digests: 74,
};

const HANDSHAKE_KINDS = ['Open', 'Challenge', 'Proof', 'Welcome', 'Refusal'] as const;
export type HandshakeKind = (typeof HANDSHAKE_KINDS)[number];
const HANDSHAKE: ReadonlyMap<number, HandshakeKind> = new Map(
  HANDSHAKE_KINDS.map((name) => [KIND[name], name]),
);

/** The longest. A few bytes of MessagePack can take long to decode, and nothing is proved yet. */
const HANDSHAKE_BYTES_MAX = 4 * 1024;
const TEXT_MAX = 256;
const REASON_MAX = 1024;
const LIST_MAX = 16;

export function encodeOpen(open: Open): Uint8Array {
  return encodeBody(KIND.Open, { ...open });
}

/** With room for the code at its end, as all that follow. */
export function encodeChallenge(challenge: Challenge): Uint8Array {
  return encodeBody(KIND.Challenge, { ...challenge }, MAC_BYTES);
}

export function encodeHello(kind: 'Proof' | 'Welcome', hello: PeerHello): Uint8Array {
  return encodeBody(KIND[kind], { ...hello }, MAC_BYTES);
}

export function encodeRefusal(reason: string): Uint8Array {
  return encodeBody(KIND.Refusal, { reason: reason.slice(0, REASON_MAX) }, MAC_BYTES);
}

export function encodeKeepalive(writeNumber: number): Uint8Array {
  return encodeBody(KIND.Keepalive, { writeNumber });
}

export function encodeRenew(): Uint8Array {
  return encodeBody(KIND.Renew, {});
}

export function encodeDigests({ index, digests }: StateDigests): Uint8Array {
  return encodeBody(KIND.Digests, { index, digests: Object.entries(digests) });
}

/** What the code at the end of a frame is over. */
export function withoutMac(frame: Uint8Array): Uint8Array {
  return frame.subarray(0, frame.byteLength - MAC_BYTES);
}

export function macOf(frame: Uint8Array): Uint8Array {
  return frame.subarray(frame.byteLength - MAC_BYTES);
}

/** A frame of the handshake, told apart by its header alone. @throws FrameError for any other. */
export function handshakeFrame(bytes: Uint8Array): { kind: HandshakeKind; body: Uint8Array } {
  const { kind, body } = readFrame(bytes);
  const name = HANDSHAKE.get(kind);
  if (name === undefined) throw new FrameError(`a frame of kind ${kind} before the handshake`);
  if (bytes.byteLength > HANDSHAKE_BYTES_MAX) {
    throw new FrameError(`a frame of ${bytes.byteLength} bytes before the handshake is over`);
  }
  if (name === 'Open') return { kind: name, body };
  if (body.byteLength < MAC_BYTES) throw new FrameError(`a ${name} without its code`);
  return { kind: name, body: withoutMac(body) };
}

const nameField = textField(TEXT_MAX);
const nonceField = fieldThat(
  `${NONCE_BYTES} bytes`,
  (value): value is Uint8Array => value instanceof Uint8Array && value.byteLength === NONCE_BYTES,
);
/** What is kept of a peer: short, and nothing but visible characters of ASCII. */
const keptField = textField(64, /^[!-~]*$/, 'at most 64 visible characters of ASCII');
/** Clients are redirected there. */
const addressField = textField(
  TEXT_MAX,
  /^(?:https?:\/\/[!-~]+)?$/,
  'an address that begins with http:// or https://',
);
const digestField = fieldThat(
  'a digest of printable ASCII',
  (value): value is string => typeof value === 'string' && isShortDigest(value),
);

/** Of the body of one kind of frame. */
function decoderOf<Value>(shape: Shape<Value>): (body: Uint8Array) => Value {
  const read = recordOf(shape);
  return (body) => decodeBody(body, read);
}

/** @throws FrameError, as all that decode */
export const decodeOpen = decoderOf<Open>({
  versions: listOf(integerField(1), LIST_MAX),
  clusterId: nameField,
  from: serverIdField,
  to: (value, name) => (value === '' ? '' : serverIdField(value, name)),
  nonce: nonceField,
  keyNames: listOf(textField(16, /^[0-9a-f]{16}$/, 'the name of a key'), LIST_MAX),
});

export const decodeChallenge = decoderOf<Challenge>({
  version: integerField(1),
  clusterId: nameField,
  from: serverIdField,
  to: serverIdField,
  nonce: nonceField,
  keyName: nameField,
});

/** Of a `Proof` or a `Welcome`. */
export const decodeHello = decoderOf<PeerHello>({
  storageId: keptField,
  incarnation: keptField,
  writeNumber: integerField(),
  clientAddress: addressField,
  software: nameField,
});

const decodeReason = decoderOf({ reason: textField(REASON_MAX) });
const decodeKeepalive = decoderOf({ writeNumber: integerField() });
const digestOfServer: Reader<readonly [ServerId, string]> = (value, name) => {
  if (!Array.isArray(value) || value.length !== 2) {
    throw new FormatError(`${name} must be a server and its digest`);
  }
  return [serverIdField(value[0], name), digestField(value[1], name)];
};
const decodeDigests = decoderOf({
  index: integerField(),
  digests: listOf(digestOfServer, DIGESTS_MAX),
});

export function decodeRefusal(body: Uint8Array): RefusalFrame {
  return { type: 'Refusal', ...decodeReason(body) };
}

/** Any frame after the handshake. @throws FrameError when it is not a well-formed one. */
export function decodePeerFrame(bytes: Uint8Array): PeerFrame | 'unknown-kind' {
  const frame = readFrame(bytes);
  switch (frame.kind) {
    case KIND.Keepalive:
      return { type: 'Keepalive', ...decodeKeepalive(frame.body) };
    case KIND.Digests: {
      const { index, digests } = decodeDigests(frame.body);
      return { type: 'Digests', index, digests: Object.fromEntries(digests) };
    }
    case KIND.Renew:
      return { type: 'Renew' };
    case KIND.Refusal:
      return decodeRefusal(handshakeFrame(bytes).body);
    default:
      if (HANDSHAKE.has(frame.kind)) throw new FrameError('a second handshake');
      return decodeMessage(frame);
  }
}
