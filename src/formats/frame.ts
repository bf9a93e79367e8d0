/**
 * The frame around all that servers send to each other: four bytes of length (big-endian, of all
 * that follows), one of protocol version, one of kind, and a body, a MessagePack map.
 *
 * A WebSocket message holds exactly one frame. The length is checked before anything is allocated.
 */
import { FormatError, type Reader } from './fields.ts';
import { pack, unpackViewing } from './msgpack.ts';

/** The protocol this server speaks. */
export const PROTOCOL_VERSION = 2;

/** No frame is longer: a full batch of entries, the longest command behind it, and room to spare. */
export const FRAME_BYTES_MAX = 8 * 1024 * 1024;

const LENGTH_BYTES = 4;
const HEADER_BYTES = 6;

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
  const packed = pack(body);
  const frame = new Uint8Array(HEADER_BYTES + packed.byteLength + trailerBytes);
  if (frame.byteLength > FRAME_BYTES_MAX) {
    throw new RangeError(
      `A frame of ${frame.byteLength} bytes cannot be sent: the limit is ${FRAME_BYTES_MAX}`,
    );
  }
  new DataView(frame.buffer).setUint32(0, frame.byteLength - LENGTH_BYTES);
  frame[4] = PROTOCOL_VERSION;
  frame[5] = kind;
  frame.set(packed, HEADER_BYTES);
  return frame;
}

/** Looks at the header only. @throws FrameError when it does not fit the bytes. */
export function readFrame(bytes: Uint8Array): RawFrame {
  const size = bytes.byteLength;
  if (size > FRAME_BYTES_MAX) {
    throw new FrameError(`a frame of ${size} bytes is over the limit of ${FRAME_BYTES_MAX}`);
  }
  if (size < HEADER_BYTES) throw new FrameError(`${size} bytes are too few for a frame`);
  const declared = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
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

/**
 * The body as `read` gives it. It is copied once, so that what is kept of it does not hold on to the
 * buffer it arrived in.
 * @throws FrameError for whatever is wrong with it.
 */
export function decodeBody<Value>(body: Uint8Array, read: Reader<Value>): Value {
  let fields: unknown;
  try {
    fields = unpackViewing(new Uint8Array(body));
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
