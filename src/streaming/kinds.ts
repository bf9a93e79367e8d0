/** The kinds of frames, and the bounds that both ends keep (docs: Streaming). */

/** The version of the format, by which the WebSocket's handshake negotiates it. */
export const STREAM_SUBPROTOCOL = 'statecraft.v1';
export const STREAM_PATH = '/v1/stream';

/** What a client sends. */
export const REQUEST = {
  hello: 0x01,
  ping: 0x02,
  write: 0x10,
  get: 0x11,
  list: 0x12,
  openSession: 0x13,
  closeSession: 0x14,
} as const;

/** What a server answers. */
export const ANSWER = {
  welcome: 0x81,
  pong: 0x82,
  written: 0x90,
  deleted: 0x91,
  value: 0x92,
  noSuchKey: 0x93,
  page: 0x94,
  sessionOpened: 0x95,
  sessionClosed: 0x96,
  notApplied: 0xe0,
  unknown: 0xe1,
} as const;

/** Of reads: this server alone may answer. */
export const FLAG_STALE = 0x01;
/** Of lists: with the values. */
export const FLAG_VALUES = 0x02;

/** Length, kind and request. */
export const FRAME_HEADER_BYTES = 9;
/** Of these, the length does not count itself. */
export const LENGTH_BYTES = 4;
/** What shows a token needs no more. */
export const HELLO_BYTES_MAX = 1_024;
/** Of a message to the server: room for a value of the greatest length, its key, and some more. */
export const REQUEST_MESSAGE_BYTES_MAX = 2 * 1_024 * 1_024;
/** Of a message from the server: a page of a list is the longest. */
export const ANSWER_MESSAGE_BYTES_MAX = 8 * 1_024 * 1_024;
/** By default, of one connection. */
export const STREAM_REQUESTS_MAX = 1_024;

/** Why a stream was closed. */
export const CLOSE = {
  done: 1_000,
  goingAway: 1_001,
  notBinary: 1_003,
  tryAgain: 1_013,
  badFrame: 4_400,
  unauthenticated: 4_401,
  tooLate: 4_408,
} as const;
