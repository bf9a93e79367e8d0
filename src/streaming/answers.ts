/** What a server answers in a stream, as frames (docs: Streaming). */
import type { EntryPosition } from '../../machines/rules/entries.ts';
import { decodeText, encodeText } from '../kv/keys.ts';
import type { ListItem, Page } from '../kv/vocabulary.ts';
import { BrokenFrame, cutText, type FieldReader, type FrameWriter } from './frames.ts';
import { ANSWER } from './kinds.ts';

/** Room for the fields of fixed length, of any kind. */
const FIELDS_ROOM = 64;
const ID_BYTES_MAX = 255;
const MESSAGE_BYTES_MAX = 4_096;

/** The limits of a connection, and who is at its other end. */
export interface Welcome {
  readonly messageBytesMax: number;
  readonly requestsMax: number;
  readonly deadlineMs: number;
  readonly serverId: string;
  readonly clusterId: string;
  readonly software: string;
}

/** Not applied, or not known whether. */
export interface FailureFields {
  /** As over HTTP: `not_leader`, `overloaded`, … */
  readonly code: string;
  /** For people. */
  readonly message: string;
  /** 0 where it does not help. */
  readonly retryAfterMs?: number;
  /** With `condition_failed`: the present one, 0 when there is no such key. */
  readonly revision?: number;
  /** With `not_leader`: its id, and where it answers clients. */
  readonly leader?: string;
  readonly leaderAddress?: string;
}

export type Answer =
  | ({ readonly type: 'welcome' } & Welcome)
  | { readonly type: 'pong'; readonly index: number }
  | ({
      readonly type: 'written';
      readonly revision: number;
      readonly length: number;
    } & EntryPosition)
  | ({ readonly type: 'deleted'; readonly found: boolean } & EntryPosition)
  | ({
      readonly type: 'value';
      readonly revision: number;
      readonly value: Uint8Array;
    } & EntryPosition)
  | ({ readonly type: 'no-such-key' } & EntryPosition)
  | ({ readonly type: 'page'; readonly page: Omit<Page, 'type'> } & EntryPosition)
  | ({
      readonly type: 'session-opened';
      readonly session: number;
      readonly expiresAfterMs: number;
    } & EntryPosition)
  | ({ readonly type: 'session-closed' } & EntryPosition)
  | ({ readonly type: 'not-applied' } & Required<FailureFields>)
  | ({ readonly type: 'unknown' } & Required<FailureFields>);

export function writeWelcome(writer: FrameWriter, welcome: Welcome): void {
  writer.begin(ANSWER.welcome, 0, FIELDS_ROOM + 3 * ID_BYTES_MAX);
  writer.u32(welcome.messageBytesMax);
  writer.u32(welcome.requestsMax);
  writer.u32(welcome.deadlineMs);
  writer.text8(cutText(welcome.serverId, ID_BYTES_MAX));
  writer.text8(cutText(welcome.clusterId, ID_BYTES_MAX));
  writer.text8(cutText(welcome.software, ID_BYTES_MAX));
  writer.end();
}

export function writePong(writer: FrameWriter, request: number, index: number): void {
  writer.begin(ANSWER.pong, request, FIELDS_ROOM);
  writer.u64(index);
  writer.end();
}

/** The fields behind index and term are the caller's. */
export function beginApplied(
  writer: FrameWriter,
  kind: number,
  request: number,
  { index, term }: EntryPosition,
  room = 0,
): void {
  writer.begin(kind, request, FIELDS_ROOM + room);
  writer.u64(index);
  writer.u64(term);
}

export function writeValue(
  writer: FrameWriter,
  request: number,
  at: EntryPosition,
  revision: number,
  value: Uint8Array,
): void {
  beginApplied(writer, ANSWER.value, request, at, value.byteLength);
  writer.u64(revision);
  writer.bytes(value);
  writer.end();
}

/** The frame of a page is no longer than this. */
export function pageBytesMax({ items, next }: Omit<Page, 'type'>): number {
  return items.reduce(
    (sum, { key, value }) => sum + 14 + 3 * key.length + (value?.byteLength ?? 0),
    FIELDS_ROOM + 3 * (next?.length ?? 0),
  );
}

export function writePage(
  writer: FrameWriter,
  request: number,
  at: EntryPosition,
  page: Omit<Page, 'type'>,
): void {
  beginApplied(writer, ANSWER.page, request, at, pageBytesMax(page));
  writer.text16(encodeText(page.next ?? ''));
  writer.u16(page.items.length);
  for (const { key, revision, length, value } of page.items) {
    writer.text16(encodeText(key));
    writer.u64(revision);
    writer.u32(length);
    if (value !== undefined) writer.bytes(value);
  }
  writer.end();
}

export function writeFailure(
  writer: FrameWriter,
  kind: typeof ANSWER.notApplied | typeof ANSWER.unknown,
  request: number,
  failure: FailureFields,
): void {
  const message = cutText(failure.message, MESSAGE_BYTES_MAX);
  const address = cutText(failure.leaderAddress ?? '', MESSAGE_BYTES_MAX);
  const room = message.byteLength + address.byteLength + 2 * ID_BYTES_MAX + FIELDS_ROOM;
  writer.begin(kind, request, room);
  writer.text8(cutText(failure.code, ID_BYTES_MAX));
  writer.u32(failure.retryAfterMs ?? 0);
  writer.u64(failure.revision ?? 0);
  writer.text8(cutText(failure.leader ?? '', ID_BYTES_MAX));
  writer.text16(address);
  writer.text16(message);
  writer.end();
}

/**
 * The answer whose fields come next. A value is a view of the message.
 * @param hasValues - whether the list was asked for values
 * @throws BrokenFrame for a kind that is not known; InvalidField
 */
export function readAnswer(reader: FieldReader, kind: number, hasValues = false): Answer {
  switch (kind) {
    case ANSWER.welcome:
      return {
        type: 'welcome',
        messageBytesMax: reader.u32(),
        requestsMax: reader.u32(),
        deadlineMs: reader.u32(),
        serverId: text8(reader),
        clusterId: text8(reader),
        software: text8(reader),
      };
    case ANSWER.pong:
      return { type: 'pong', index: reader.u64() };
    case ANSWER.notApplied:
      return { type: 'not-applied', ...readFailure(reader) };
    case ANSWER.unknown:
      return { type: 'unknown', ...readFailure(reader) };
    default:
      return readApplied(reader, kind, hasValues);
  }
}

function readApplied(reader: FieldReader, kind: number, hasValues: boolean): Answer {
  const index = reader.u64();
  const term = reader.u64();
  switch (kind) {
    case ANSWER.written:
      return { type: 'written', index, term, revision: reader.u64(), length: reader.u64() };
    case ANSWER.deleted:
      return { type: 'deleted', index, term, found: reader.u8() === 1 };
    case ANSWER.value:
      return { type: 'value', index, term, revision: reader.u64(), value: reader.rest() };
    case ANSWER.noSuchKey:
      return { type: 'no-such-key', index, term };
    case ANSWER.page:
      return { type: 'page', index, term, page: readPage(reader, hasValues) };
    case ANSWER.sessionOpened:
      return readOpened(reader, { index, term });
    case ANSWER.sessionClosed:
      return { type: 'session-closed', index, term };
    default:
      throw new BrokenFrame(`an answer of the kind 0x${kind.toString(16)} is not known`);
  }
}

function readOpened(reader: FieldReader, at: EntryPosition): Answer {
  const session = reader.u64();
  return { type: 'session-opened', ...at, session, expiresAfterMs: reader.u64() };
}

function readPage(reader: FieldReader, hasValues: boolean): Omit<Page, 'type'> {
  const next = text16(reader);
  const count = reader.u16();
  const items: ListItem[] = [];
  for (let at = 0; at < count; at += 1) {
    const item = { key: text16(reader), revision: reader.u64(), length: reader.u32() };
    items.push(hasValues ? { ...item, value: reader.take(item.length).slice() } : item);
  }
  return { items, next: next === '' ? null : next };
}

function readFailure(reader: FieldReader): Required<FailureFields> {
  return {
    code: text8(reader),
    retryAfterMs: reader.u32(),
    revision: reader.u64(),
    leader: text8(reader),
    leaderAddress: text16(reader),
    message: text16(reader),
  };
}

/** @throws BrokenFrame for what is not UTF-8 */
function textOf(bytes: Uint8Array): string {
  try {
    return decodeText(bytes);
  } catch {
    throw new BrokenFrame('a text is not valid UTF-8');
  }
}

function text8(reader: FieldReader): string {
  return textOf(reader.take(reader.u8()));
}

function text16(reader: FieldReader): string {
  return textOf(reader.take(reader.u16()));
}
