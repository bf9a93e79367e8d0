/** What a client sends in a stream, as frames (docs: Streaming). */
import { decodeText, encodeText } from '../kv/keys.ts';
import { keyBytesMax, type List, listLimitDefault, listLimitMax } from '../kv/vocabulary.ts';
import type { SessionCommand } from '../ports/outcome.ts';
import { cutText, type FieldReader, type FrameWriter, InvalidField } from './frames.ts';
import { FLAG_STALE, FLAG_VALUES, REQUEST } from './kinds.ts';

const NAME_BYTES_MAX = 64;
/** A frame has more fields than its text; this is room enough for all of them. */
const FIELDS_ROOM = 64;

export interface Hello {
  /** Who is asking, for people. */
  readonly name: string;
  /** '' without one. */
  readonly token: string;
}

export function writeHello(writer: FrameWriter, { name, token }: Hello): void {
  const shown = encodeText(token);
  writer.begin(REQUEST.hello, 0, NAME_BYTES_MAX + shown.byteLength + FIELDS_ROOM);
  writer.text8(cutText(name, NAME_BYTES_MAX));
  writer.text16(shown);
  writer.end();
}

/** @throws InvalidField */
export function readHello(reader: FieldReader): Hello {
  const nameBytes = reader.u8();
  if (nameBytes > NAME_BYTES_MAX) {
    throw new InvalidField(`the name has ${nameBytes} bytes; ${NAME_BYTES_MAX} are allowed`);
  }
  const name = textOf(reader.take(nameBytes), 'the name');
  const token = textOf(reader.take(reader.u16()), 'the token');
  reader.assertRead();
  return { name, token };
}

/** @param command - encoded, as the log has it */
export function writeWrite(
  writer: FrameWriter,
  request: number,
  deadlineMs: number,
  session: SessionCommand | undefined,
  command: Uint8Array,
): void {
  writer.begin(REQUEST.write, request, command.byteLength + FIELDS_ROOM);
  writer.u32(deadlineMs);
  writer.u64(session?.session ?? 0);
  writer.u64(session?.sequence ?? 0);
  writer.u64(session?.firstUnanswered ?? 0);
  writer.bytes(command);
  writer.end();
}

/**
 * Of a write: undefined outside of a session.
 * @throws InvalidField
 */
export function readSession(reader: FieldReader): SessionCommand | undefined {
  const session = reader.u64();
  const sequence = reader.u64();
  const firstUnanswered = reader.u64();
  if (session === 0 && sequence === 0 && firstUnanswered === 0) return undefined;
  if (session === 0 || sequence === 0) {
    throw new InvalidField('a write names its session and its sequence, or neither');
  }
  if (firstUnanswered > sequence) {
    throw new InvalidField(
      `the first unanswered (${firstUnanswered}) is above the sequence (${sequence}), which is not ` +
        'answered yet either',
    );
  }
  return firstUnanswered === 0 ? { session, sequence } : { session, sequence, firstUnanswered };
}

export function writeGet(
  writer: FrameWriter,
  request: number,
  deadlineMs: number,
  key: string,
  isStale: boolean,
): void {
  const bytes = encodeText(key);
  writer.begin(REQUEST.get, request, bytes.byteLength + FIELDS_ROOM);
  writer.u32(deadlineMs);
  writer.u8(isStale ? FLAG_STALE : 0);
  writer.bytes(bytes);
  writer.end();
}

/** Whether a get may be stale. @throws InvalidField */
export function readGetFlags(reader: FieldReader): boolean {
  const flags = reader.u8();
  if ((flags & ~FLAG_STALE) !== 0) throw unknownFlags(flags);
  return flags === FLAG_STALE;
}

/** The rest of the frame. @throws InvalidField */
export function readKey(reader: FieldReader): string {
  const bytes = reader.rest();
  if (bytes.byteLength < 1 || bytes.byteLength > keyBytesMax) {
    throw new InvalidField(
      `the key has ${bytes.byteLength} bytes; 1 to ${keyBytesMax} are allowed`,
    );
  }
  return textOf(bytes, 'the key');
}

export function writeList(
  writer: FrameWriter,
  request: number,
  deadlineMs: number,
  { prefix = '', after = '', limit = 0, values = false }: Omit<List, 'type' | 'shares'>,
  isStale: boolean,
): void {
  const [begin, behind] = [encodeText(prefix), encodeText(after)];
  writer.begin(REQUEST.list, request, begin.byteLength + behind.byteLength + FIELDS_ROOM);
  writer.u32(deadlineMs);
  writer.u8((isStale ? FLAG_STALE : 0) | (values ? FLAG_VALUES : 0));
  writer.u16(limit);
  writer.text16(begin);
  writer.text16(behind);
  writer.end();
}

/** Behind its deadline. @throws InvalidField */
export function readList(reader: FieldReader): { readonly query: List; readonly isStale: boolean } {
  const flags = reader.u8();
  if ((flags & ~(FLAG_STALE | FLAG_VALUES)) !== 0) throw unknownFlags(flags);
  const limit = reader.u16() || listLimitDefault;
  if (limit > listLimitMax) {
    throw new InvalidField(`the limit ${limit} is above ${listLimitMax}`);
  }
  const prefix = readText(reader, 'the prefix');
  const after = readText(reader, 'what the list comes after');
  reader.assertRead();
  const values = (flags & FLAG_VALUES) !== 0;
  const query: List = { type: 'list', limit, values, shares: true, prefix, after };
  return { query, isStale: (flags & FLAG_STALE) !== 0 };
}

export function writeOpenSession(writer: FrameWriter, request: number, deadlineMs: number): void {
  writer.begin(REQUEST.openSession, request, FIELDS_ROOM);
  writer.u32(deadlineMs);
  writer.end();
}

export function writeCloseSession(
  writer: FrameWriter,
  request: number,
  deadlineMs: number,
  session: number,
): void {
  writer.begin(REQUEST.closeSession, request, FIELDS_ROOM);
  writer.u32(deadlineMs);
  writer.u64(session);
  writer.end();
}

/** Behind its deadline. @throws InvalidField */
export function readSessionNumber(reader: FieldReader): number {
  const session = reader.u64();
  reader.assertRead();
  if (session === 0) throw new InvalidField('0 is not the number of a session');
  return session;
}

export function writePing(writer: FrameWriter, request: number): void {
  writer.begin(REQUEST.ping, request, 0);
  writer.end();
}

function readText(reader: FieldReader, subject: string): string {
  const bytes = reader.take(reader.u16());
  if (bytes.byteLength > keyBytesMax) {
    throw new InvalidField(
      `${subject} has ${bytes.byteLength} bytes; at most ${keyBytesMax} are allowed`,
    );
  }
  return textOf(bytes, subject);
}

function textOf(bytes: Uint8Array, subject: string): string {
  try {
    return decodeText(bytes);
  } catch {
    throw new InvalidField(`${subject} is not valid UTF-8`);
  }
}

function unknownFlags(flags: number): InvalidField {
  return new InvalidField(`the flags 0x${flags.toString(16)} are not known`);
}
