/**
 * Frames one behind the other in a message: four bytes of length, one of kind, four of the request,
 * and its fields (docs: Streaming). Plain bytes, so that both ends encode and decode them without
 * anything in between.
 */
import { encodeText } from '../kv/keys.ts';
import { FRAME_HEADER_BYTES, LENGTH_BYTES } from './kinds.ts';

/** Of numbers that need more than 32 bits. */
const HIGH = 2 ** 32;

/** The bytes of a message are no frames: nothing behind them can be understood either. */
export class BrokenFrame extends Error {
  override readonly name = 'BrokenFrame';
}

/** A field of a whole frame is not valid, which concerns its request only. */
export class InvalidField extends Error {
  override readonly name = 'InvalidField';
}

const SLAB_BYTES = 64 * 1_024;

/**
 * Builds messages, frame by frame. What was taken is never written again, so it may be sent as it is:
 * the next message begins behind it, and a new slab when there is no room left.
 */
export class FrameWriter {
  #bytes = new Uint8Array(0);
  #view = new DataView(this.#bytes.buffer);
  /** Where the message begins. */
  #from = 0;
  #frame = 0;
  #at = 0;

  /** Of the message so far. */
  get byteLength(): number {
    return this.#at - this.#from;
  }

  /** @param room - for fields, at least as many bytes as they have */
  begin(kind: number, request: number, room: number): void {
    this.#reserve(FRAME_HEADER_BYTES + room);
    this.#frame = this.#at;
    this.#bytes[this.#at + LENGTH_BYTES] = kind;
    this.#view.setUint32(this.#at + LENGTH_BYTES + 1, request);
    this.#at += FRAME_HEADER_BYTES;
  }

  end(): void {
    this.#view.setUint32(this.#frame, this.#at - this.#frame - LENGTH_BYTES);
  }

  u8(value: number): void {
    this.#bytes[this.#at] = value;
    this.#at += 1;
  }

  u16(value: number): void {
    this.#view.setUint16(this.#at, value);
    this.#at += 2;
  }

  u32(value: number): void {
    this.#view.setUint32(this.#at, value);
    this.#at += 4;
  }

  /** A safe integer from 0 on. */
  u64(value: number): void {
    this.#view.setUint32(this.#at, value < HIGH ? 0 : Math.floor(value / HIGH));
    this.#view.setUint32(this.#at + 4, value % HIGH);
    this.#at += 8;
  }

  bytes(value: Uint8Array): void {
    this.#bytes.set(value, this.#at);
    this.#at += value.byteLength;
  }

  /** @param value - no longer than 255 bytes */
  text8(value: Uint8Array): void {
    this.u8(value.byteLength);
    this.bytes(value);
  }

  /** @param value - no longer than 65,535 bytes */
  text16(value: Uint8Array): void {
    this.u16(value.byteLength);
    this.bytes(value);
  }

  /** The message; the next one is empty. */
  take(): Uint8Array {
    const message = this.#bytes.subarray(this.#from, this.#at);
    this.#from = this.#at;
    return message;
  }

  #reserve(room: number): void {
    if (this.#at + room <= this.#bytes.byteLength) return;
    const pending = this.#bytes.subarray(this.#from, this.#at);
    this.#bytes = new Uint8Array(Math.max(SLAB_BYTES, 2 * pending.byteLength + room));
    this.#view = new DataView(this.#bytes.buffer);
    this.#bytes.set(pending);
    this.#from = 0;
    this.#at = pending.byteLength;
  }
}

/** The fields of a frame, one after the other; past its end, each is an `InvalidField`. */
export class FieldReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  at = 0;
  end = 0;

  constructor(bytes: Uint8Array) {
    // Not a Buffer of Node.js, whose `slice` is a view on the same bytes.
    this.bytes = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Of the frame at that place, which is whole. */
  kindAt(frame: number): number {
    return this.bytes[frame + LENGTH_BYTES] ?? 0;
  }

  requestAt(frame: number): number {
    return this.#view.getUint32(frame + LENGTH_BYTES + 1);
  }

  /** Where the next frame begins. @throws BrokenFrame when this one is not whole */
  frameAfter(frame: number): number {
    const left = this.bytes.byteLength - frame;
    if (left < FRAME_HEADER_BYTES) {
      throw new BrokenFrame(`${left} bytes at byte ${frame} are too few for a frame`);
    }
    const length = this.#view.getUint32(frame);
    if (length < FRAME_HEADER_BYTES - LENGTH_BYTES || length > left - LENGTH_BYTES) {
      throw new BrokenFrame(
        `the frame at byte ${frame} has the length ${length}, of ${left - LENGTH_BYTES} bytes left`,
      );
    }
    return frame + LENGTH_BYTES + length;
  }

  /** Reads on at the fields of that frame. */
  enter(frame: number, next: number): void {
    this.at = frame + FRAME_HEADER_BYTES;
    this.end = next;
  }

  u8(): number {
    return this.bytes[this.#take(1)] ?? 0;
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  u64(): number {
    const at = this.#take(8);
    const value = this.#view.getUint32(at) * HIGH + this.#view.getUint32(at + 4);
    if (!Number.isSafeInteger(value)) throw new InvalidField(`a number is above 2^53 - 1`);
    return value;
  }

  take(length: number): Uint8Array {
    const at = this.#take(length);
    return this.bytes.subarray(at, at + length);
  }

  /** What is left of the frame. */
  rest(): Uint8Array {
    return this.take(this.end - this.at);
  }

  /** @throws InvalidField for fields that this version does not know */
  assertRead(): void {
    if (this.at < this.end) {
      throw new InvalidField(`${this.end - this.at} bytes are left behind the fields`);
    }
  }

  #take(length: number): number {
    const { at } = this;
    if (at + length > this.end) throw new InvalidField('the frame ends in the middle of a field');
    this.at = at + length;
    return at;
  }
}

/**
 * UTF-8, cut between two characters so that its length fits into the field before it.
 */
export function cutText(text: string, bytesMax: number): Uint8Array {
  const bytes = encodeText(text);
  if (bytes.byteLength <= bytesMax) return bytes;
  let end = bytesMax;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}
