/**
 * The frame around all that servers send to each other: four bytes of length (big-endian, of all
 * that follows), one of protocol version, one of kind, and a body, a MessagePack map.
 *
 * A WebSocket message holds exactly one frame. The length is checked before anything is allocated.
 */
import { FormatError, type Reader } from './fields.ts';
import { pack, unpackFresh, unpackViewing } from './msgpack.ts';

/** The protocol this server speaks. */
export const PROTOCOL_VERSION = 2;

/** No frame is longer: a full batch of entries, the longest command behind it, and room to spare. */
export const FRAME_BYTES_MAX = 8 * 1024 * 1024;

const LENGTH_BYTES = 4;
const HEADER_BYTES = 6;

/** A body no longer than this holds few byte strings: to copy each of them costs less than to copy it. */
const SHORT_BODY_BYTES = 1024;

/** The bytes are not a valid frame. */
export class FrameError extends FormatError {
  override readonly name = 'FrameError';
}

export interface RawFrame {
  readonly kind: number;
  readonly body: Uint8Array;
}

/**
 * @param trailerBytes - room behind the body, filled with zeros
 * @throws RangeError when it would be longer than any peer accepts.
 */
export function encodeBody(
  kind: number,
  body: Readonly<Record<string, unknown>>,
  trailerBytes = 0,
): Uint8Array {
  const frame = pack(body, HEADER_BYTES, trailerBytes);
  if (frame.byteLength > FRAME_BYTES_MAX) {
    throw new RangeError(
      `A frame of ${frame.byteLength} bytes cannot be sent: the limit is ${FRAME_BYTES_MAX}`,
    );
  }
  const length = frame.byteLength - LENGTH_BYTES;
  frame[0] = length >>> 24;
  frame[1] = length >>> 16;
  frame[2] = length >>> 8;
  frame[3] = length;
  frame[4] = PROTOCOL_VERSION;
  frame[5] = kind;
  return frame;
}

/** Looks at the header only. @throws FrameError when it does not fit the bytes. */
export function readFrame(bytes: Uint8Array): RawFrame {
  const size = bytes.byteLength;
  if (size > FRAME_BYTES_MAX) {
    throw new FrameError(`a frame of ${size} bytes is over the limit of ${FRAME_BYTES_MAX}`);
  }
  if (size < HEADER_BYTES) throw new FrameError(`${size} bytes are too few for a frame`);
  const declared = lengthIn(bytes);
  if (declared !== size - LENGTH_BYTES) {
    throw new FrameError(
      `the frame declares ${declared} bytes behind its length, and has ${size - LENGTH_BYTES}`,
    );
  }
  const version = bytes[4];
  if (version !== PROTOCOL_VERSION) {
    throw new FrameError(
      `the frame is of protocol version ${version}; this server speaks ${PROTOCOL_VERSION}`,
    );
  }
  return { kind: bytes[5] ?? 0, body: bytes.subarray(HEADER_BYTES) };
}

/** Big-endian; a view of the bytes would cost as much as all the rest of the header. */
function lengthIn(bytes: Uint8Array): number {
  return ((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0;
}

/**
 * The body as `read` gives it. Its bytes are copied, each string of a short one by itself and a long one
 * as a whole: what is kept of it must not hold on to the buffer it arrived in.
 * @throws FrameError for whatever is wrong with it.
 */
export function decodeBody<Value>(body: Uint8Array, read: Reader<Value>): Value {
  let fields: unknown;
  try {
    const isShort = body.byteLength <= SHORT_BODY_BYTES;
    fields = isShort ? unpackFresh(body) : unpackViewing(new Uint8Array(body));
  } catch (error) {
    throw new FrameError('the body of the frame is not MessagePack', { cause: error });
  }
  try {
    return read(fields, 'the body of the frame');
  } catch (error) {
    if (error instanceof FormatError) throw new FrameError(error.message, { cause: error });
    throw error;
  }
}
