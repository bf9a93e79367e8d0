/**
 * What servers say to each other beside Raft's messages: who they are, before anything else; why
 * they will not talk; and that they are still there.
 */
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import { type Fields, integerField, serverIdField, textField } from './fields.ts';
import { decodeBody, encodeBody, PROTOCOL_VERSION, readFrame } from './frame.ts';
import { decodeMessage } from './message-frame.ts';

/** The first frame of either side. Its own format never changes, whatever versions it names. */
export interface Hello {
  readonly type: 'Hello';
  /** The protocol versions the sender speaks, from … through. */
  readonly versionMin: number;
  readonly versionMax: number;
  readonly clusterId: string;
  readonly from: ServerId;
  readonly to: ServerId;
  readonly storageId: string;
  /** The number of the sender's last durable write. */
  readonly writeNumber: number;
  /** Where clients reach the sender; '' when nowhere. */
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

export type PeerFrame = Hello | Refusal | Pulse | Message;

const TEXT_MAX = 256;
const REASON_MAX = 1024;

const KIND = { Hello: 64, Refusal: 65, Pulse: 66 } as const;

export function encodeHello(hello: Omit<Hello, 'type' | 'versionMin' | 'versionMax'>): Uint8Array {
  const versions = { versionMin: PROTOCOL_VERSION, versionMax: PROTOCOL_VERSION };
  return encodeBody(KIND.Hello, { ...versions, ...hello });
}

export function encodeRefusal(reason: string): Uint8Array {
  return encodeBody(KIND.Refusal, { reason: reason.slice(0, REASON_MAX) });
}

export function encodePulse(writeNumber: number): Uint8Array {
  return encodeBody(KIND.Pulse, { writeNumber });
}

/** Any frame a server may send. @throws FrameError when it is not a well-formed one. */
export function decodePeerFrame(bytes: Uint8Array): PeerFrame | 'unknown-kind' {
  const frame = readFrame(bytes);
  if (frame.kind === KIND.Hello) return decodeBody(frame.body, readHello);
  if (frame.kind === KIND.Refusal) return decodeBody(frame.body, readRefusal);
  if (frame.kind === KIND.Pulse) return decodeBody(frame.body, readPulse);
  return decodeMessage(frame);
}

function readHello(fields: Fields): Hello {
  return {
    type: 'Hello',
    versionMin: integerField(fields, 'versionMin'),
    versionMax: integerField(fields, 'versionMax'),
    clusterId: textField(fields, 'clusterId', TEXT_MAX),
    from: serverIdField(fields, 'from'),
    to: serverIdField(fields, 'to'),
    storageId: textField(fields, 'storageId', TEXT_MAX),
    writeNumber: integerField(fields, 'writeNumber'),
    clientAddress: textField(fields, 'clientAddress', TEXT_MAX),
    software: textField(fields, 'software', TEXT_MAX),
  };
}

function readRefusal(fields: Fields): Refusal {
  return { type: 'Refusal', reason: textField(fields, 'reason', REASON_MAX) };
}

function readPulse(fields: Fields): Pulse {
  return { type: 'Pulse', writeNumber: integerField(fields, 'writeNumber') };
}
