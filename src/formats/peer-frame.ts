/**
 * What servers say to each other beside Raft's messages: the handshake in which both ends prove that
 * they belong to the cluster (docs/formats.md, "Handshake"), and afterwards that they are still there.
 *
 * A frame of the handshake but the first ends with 32 bytes of a message authentication code over
 * all that was said before it: the bytes as they were sent, never an encoding made anew.
 */
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import type { StateDigests } from '../ports/transport.ts';
import {
  type Fields,
  FormatError,
  integerField,
  isBytes,
  isServerId,
  serverIdField,
  textField,
  wrong,
} from './fields.ts';
import { decodeBody, encodeBody, type Frame, FrameError, readFrame } from './frame.ts';
import { decodeMessage } from './message-frame.ts';
import { DIGESTS_MAX, isShortDigest } from './short-digest.ts';

export const NONCE_BYTES = 32;
export const MAC_BYTES = 32;

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

/** What each end tells of itself, once it knows to whom. */
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
export interface Refusal {
  readonly type: 'Refusal';
  /** A sentence. */
  readonly reason: string;
}

/** Now and then: the sender is alive, and its last durable write has this number. */
export interface Pulse {
  readonly type: 'Pulse';
  readonly writeNumber: number;
}

/** The acceptor's keys have changed: would the dialler prove itself anew? */
export interface Renew {
  readonly type: 'Renew';
}

/** Of servers' states; who sends it is known by the connection. */
export interface Digests extends StateDigests {
  readonly type: 'Digests';
}

/** What may come once both ends have proved who they are. */
export type PeerFrame = Refusal | Pulse | Renew | Digests | Message;

/** 64 to 66 were version 1's, and are not given again. */
const KIND = {
  Open: 67,
  Challenge: 68,
  Proof: 69,
  Welcome: 70,
  Refusal: 71,
  Pulse: 72,
  Renew: 73,
  Digests: 74,
};

export type HandshakeKind = 'Open' | 'Challenge' | 'Proof' | 'Welcome' | 'Refusal';

/** None is longer; what MessagePack makes of few bytes can take long, and nobody has proved anything. */
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

export function encodeProof(hello: PeerHello): Uint8Array {
  return encodeBody(KIND.Proof, { ...hello }, MAC_BYTES);
}

export function encodeWelcome(hello: PeerHello): Uint8Array {
  return encodeBody(KIND.Welcome, { ...hello }, MAC_BYTES);
}

export function encodeRefusal(reason: string): Uint8Array {
  return encodeBody(KIND.Refusal, { reason: reason.slice(0, REASON_MAX) }, MAC_BYTES);
}

export function encodePulse(writeNumber: number): Uint8Array {
  return encodeBody(KIND.Pulse, { writeNumber });
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

const HANDSHAKE: ReadonlyMap<number, HandshakeKind> = new Map(
  (['Open', 'Challenge', 'Proof', 'Welcome', 'Refusal'] as const).map((name) => [KIND[name], name]),
);

/** @throws FrameError, as all that decode */
export function decodeOpen(body: Uint8Array): Open {
  return decodeBody(body, (fields) => ({
    versions: listField(fields, 'versions', isVersion),
    clusterId: textField(fields, 'clusterId', TEXT_MAX),
    from: serverIdField(fields, 'from'),
    to: fields.to === '' ? '' : serverIdField(fields, 'to'),
    nonce: nonceField(fields),
    keyNames: listField(fields, 'keyNames', isKeyName),
  }));
}

export function decodeChallenge(body: Uint8Array): Challenge {
  return decodeBody(body, (fields) => ({
    version: integerField(fields, 'version', 1),
    clusterId: textField(fields, 'clusterId', TEXT_MAX),
    from: serverIdField(fields, 'from'),
    to: serverIdField(fields, 'to'),
    nonce: nonceField(fields),
    keyName: textField(fields, 'keyName', TEXT_MAX),
  }));
}

/** Of a `Proof` or a `Welcome`. */
export function decodeHello(body: Uint8Array): PeerHello {
  return decodeBody(body, (fields) => ({
    storageId: printableField(fields, 'storageId'),
    incarnation: printableField(fields, 'incarnation'),
    writeNumber: integerField(fields, 'writeNumber'),
    clientAddress: addressField(fields, 'clientAddress'),
    software: textField(fields, 'software', TEXT_MAX),
  }));
}

export function decodeRefusal(body: Uint8Array): Refusal {
  return decodeBody(body, (fields) => ({
    type: 'Refusal',
    reason: textField(fields, 'reason', REASON_MAX),
  }));
}

/** Any frame after the handshake. @throws FrameError when it is not a well-formed one. */
export function decodePeerFrame(bytes: Uint8Array): PeerFrame | 'unknown-kind' {
  const frame: Frame = readFrame(bytes);
  switch (frame.kind) {
    case KIND.Pulse:
      return decodeBody(frame.body, (fields) => ({
        type: 'Pulse',
        writeNumber: integerField(fields, 'writeNumber'),
      }));
    case KIND.Digests:
      return decodeBody(frame.body, (fields) => ({
        type: 'Digests',
        index: integerField(fields, 'index'),
        digests: Object.fromEntries(digestsField(fields)),
      }));
    case KIND.Renew:
      return { type: 'Renew' };
    case KIND.Refusal:
      return decodeRefusal(handshakeFrame(bytes).body);
    default:
      if (HANDSHAKE.has(frame.kind)) throw new FrameError('a second handshake');
      return decodeMessage(frame);
  }
}

function nonceField(fields: Fields): Uint8Array {
  const { nonce } = fields;
  if (isBytes(nonce) && nonce.byteLength === NONCE_BYTES) return nonce;
  return wrong('nonce', `${NONCE_BYTES} bytes`, nonce);
}

function listField<Item>(
  fields: Fields,
  name: string,
  isItem: (value: unknown) => value is Item,
): readonly Item[] {
  const list = fields[name];
  const isList = Array.isArray(list) && list.length <= LIST_MAX && list.every(isItem);
  return isList ? list : wrong(name, `a list of at most ${LIST_MAX}`, list);
}

function digestsField({ digests }: Fields): readonly (readonly [ServerId, string])[] {
  const isList =
    Array.isArray(digests) && digests.length <= DIGESTS_MAX && digests.every(isDigestOfServer);
  return isList ? digests : wrong('digests', 'servers with their digests', digests);
}

function isDigestOfServer(value: unknown): value is readonly [ServerId, string] {
  if (!Array.isArray(value) || value.length !== 2 || !isServerId(value[0])) return false;
  const digest: unknown = value[1];
  return typeof digest === 'string' && isShortDigest(digest);
}

function isVersion(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

function isKeyName(value: unknown): value is string {
  return typeof value === 'string' && /^[0-9a-f]{16}$/.test(value);
}

/** What is kept of a peer: short, and nothing but visible characters of ASCII. */
function printableField(fields: Fields, name: string): string {
  const value = textField(fields, name, 64);
  return /^[!-~]*$/.test(value) ? value : wrong(name, 'visible characters of ASCII', value);
}

/** Clients are redirected there. */
function addressField(fields: Fields, name: string): string {
  const value = textField(fields, name, TEXT_MAX);
  if (value === '' || /^https?:\/\/[!-~]+$/.test(value)) return value;
  throw new FormatError(`${name} must be an address that begins with http:// or https://`);
}
