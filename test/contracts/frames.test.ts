/** Frames: what is sent arrives as it was, and nothing else passes for a message. */
import fc from 'fast-check';
import { Packr } from 'msgpackr';
import { describe, expect, test } from 'vitest';
import { ENVELOPE_BYTES, type Entry } from '../../machines/rules/entries.ts';
import type { AppendEntries, InstallSnapshot } from '../../machines/rules/messages.ts';
import { FRAME_BYTES_MAX, FrameError, PROTOCOL_VERSION } from '../../src/formats/frame.ts';
import { decodeFrame, encodeFrame, PAYLOAD_BYTES_MAX } from '../../src/formats/message-frame.ts';
import { EXAMPLE_MESSAGES } from '../../src/testing/example-messages.ts';
import { anyMessage, wireFields } from './arbitrary-messages.ts';

const packr = new Packr({ useRecords: false, variableMapSize: true });

/** A frame with a right header around any body. */
function frameOf(kind: number, body: unknown, version = PROTOCOL_VERSION): Uint8Array {
  const packed = body instanceof Uint8Array ? body : packr.pack(body);
  const frame = new Uint8Array(6 + packed.byteLength);
  new DataView(frame.buffer).setUint32(0, 2 + packed.byteLength);
  frame.set([version, kind], 4);
  frame.set(packed, 6);
  return frame;
}

/** A message or a FrameError: the only two ways to end. */
function outcome(bytes: Uint8Array): 'message' | 'unknown-kind' | 'error' {
  try {
    const message = decodeFrame(bytes);
    if (message === 'unknown-kind') return message;
    expect(decodeFrame(encodeFrame(message))).toEqual(message);
    return 'message';
  } catch (error) {
    expect(error).toBeInstanceOf(FrameError);
    return 'error';
  }
}

const APPEND_ENTRIES = 3;
const INSTALL_SNAPSHOT = 5;
const append = EXAMPLE_MESSAGES.find(({ type }) => type === 'AppendEntries') as AppendEntries;
const install = EXAMPLE_MESSAGES.find(({ type }) => type === 'InstallSnapshot') as InstallSnapshot;
const entry = (index: unknown, term: unknown, ...rest: unknown[]) => [
  index,
  term,
  ...(rest.length > 0 ? rest : [1_000, 'command', new Uint8Array([1])]),
];
const timeoutNow = wireFields(EXAMPLE_MESSAGES.find(({ type }) => type === 'TimeoutNow')!);
const appendOf = (fields: object) =>
  frameOf(APPEND_ENTRIES, { ...wireFields(append), entries: [], ...fields });
const installOf = (fields: object) =>
  frameOf(INSTALL_SNAPSHOT, { ...wireFields(install), ...fields });

describe('a frame', () => {
  test('brings any message to the other side as it was', () => {
    fc.assert(
      fc.property(anyMessage, (message) => {
        expect(decodeFrame(encodeFrame(message))).toEqual(message);
      }),
    );
  });

  test('gives entries bytes of their own: the buffer it came in may be used again', () => {
    const frame = encodeFrame(append);
    const message = decodeFrame(frame) as AppendEntries;
    frame.fill(0);
    expect(message).toEqual(append);
    expect(message.entries[2]?.bytes.constructor).toBe(Uint8Array);
  });

  test.each([
    ['one entry', 1],
    ['many entries without a byte', Math.floor(PAYLOAD_BYTES_MAX / ENVELOPE_BYTES)],
  ])('carries the largest payload: %s', (_, count) => {
    const bytes = new Uint8Array(PAYLOAD_BYTES_MAX / count - ENVELOPE_BYTES);
    const place = { session: 1e9, sequence: 1e9, firstUnanswered: 1e9 };
    const at = { index: 2e9, term: 1e6, time: 2e12, type: 'command', bytes, ...place } as Entry;
    const frame = encodeFrame({ ...append, entries: Array.from({ length: count }, () => at) });
    expect(frame.byteLength).toBeLessThanOrEqual(FRAME_BYTES_MAX);
  });

  test('may come as a Node.js Buffer, and gives plain bytes all the same', () => {
    const message = decodeFrame(Buffer.from(encodeFrame(append))) as AppendEntries;
    expect(message.entries[2]?.bytes.constructor).toBe(Uint8Array);
  });

  test('may have fields that only a newer server knows', () => {
    expect(decodeFrame(appendOf({ fromTheFuture: { a: [1] } }))).toEqual({
      ...append,
      entries: [],
    });
    const list = entry(10, 3, 1_000, 'empty', new Uint8Array(0), null, null, null, 'more');
    const read = () => decodeFrame(appendOf({ entries: [list] }));
    expect(read).not.toThrow();
    expect(read()).toMatchObject({
      entries: [{ index: 10, term: 3, time: 1_000, type: 'empty' }],
    });
  });

  test('of an unknown kind is no error, and no message', () => {
    for (const kind of [0, 10, 63, 67, 255])
      expect(decodeFrame(frameOf(kind, {}))).toBe('unknown-kind');
  });

  test('may carry an entry of an unknown type: the server stops where it is appended', () => {
    const entries = [entry(10, 3, 1_000, 'merge', new Uint8Array([1]))];
    expect(decodeFrame(appendOf({ entries }))).toMatchObject({ entries: [{ type: 'merge' }] });
  });
});

describe('what is not a well-formed frame is an error', () => {
  const integer = [-1, 1.5, Number.NaN, Infinity, 2 ** 53, '1', null, undefined, 1n, true, [1]];
  const bad: [string, Uint8Array][] = [
    ['nothing', new Uint8Array(0)],
    ['five bytes', new Uint8Array(5)],
    ['a header without a body', frameOf(APPEND_ENTRIES, new Uint8Array(0))],
    ['HTTP', new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n')],
    ['a declared length of 0xFFFFFFFF', new Uint8Array([255, 255, 255, 255, 1, 3, 0x80])],
    ['another protocol version', frameOf(9, timeoutNow, 3)],
    ['more than the longest frame', new Uint8Array(FRAME_BYTES_MAX + 1)],
    [
      'trailing bytes in the body',
      frameOf(9, Buffer.concat([packr.pack(timeoutNow), Buffer.of(1)])),
    ],
    ['a list for a body', frameOf(9, [1, 2])],
    ['null for a body', frameOf(9, null)],
    [
      'a list that declares four thousand million items',
      frameOf(9, new Uint8Array([0xdd, 255, 255, 255, 255])),
    ],
    [
      'a map that declares four thousand million keys',
      frameOf(9, new Uint8Array([0xdf, 255, 255, 255, 255])),
    ],
    ['a body nested a million deep', frameOf(9, new Uint8Array(1_000_000).fill(0x91))],
    [
      'a field named __proto__ for the real ones',
      frameOf(9, new Uint8Array([0x81, 0xa9, ...Buffer.from('__proto__'), 0x80])),
    ],
    ['no sender', appendOf({ from: undefined })],
    ['an empty id', appendOf({ from: '' })],
    ['an id with a slash', appendOf({ to: '../a' })],
    ['an id of 65 characters', appendOf({ to: 'a'.repeat(65) })],
    ...integer.map((value): [string, Uint8Array] => [
      `term ${String(value)}`,
      appendOf({ term: value }),
    ]),
    ...integer.map((value): [string, Uint8Array] => [
      `number ${String(value)}`,
      appendOf({ number: value }),
    ]),
    ['a request of term 0', appendOf({ term: 0, prevLogTerm: 0 })],
    ['a previous entry from a term to come', appendOf({ term: 3, prevLogTerm: 4 })],
    ['a term before the first entry', appendOf({ prevLogIndex: 0, prevLogTerm: 1 })],
    ['entries that are no list', appendOf({ entries: {} })],
    ['a gap before the entries', appendOf({ entries: [entry(11, 3)] })],
    ['a gap between entries', appendOf({ entries: [entry(10, 3), entry(12, 3)] })],
    ['the same entry twice', appendOf({ entries: [entry(10, 3), entry(10, 3)] })],
    ['terms that fall', appendOf({ entries: [entry(10, 3), entry(11, 2)] })],
    ['an entry older than the one before the request', appendOf({ entries: [entry(10, 1)] })],
    ['an entry from a term to come', appendOf({ term: 3, entries: [entry(10, 4)] })],
    ['an entry without bytes', appendOf({ entries: [entry(10, 3, 1_000, 'command')] })],
    ['text for bytes', appendOf({ entries: [entry(10, 3, 1_000, 'command', 'text')] })],
    ['a negative time', appendOf({ entries: [entry(10, 3, -1, 'command', new Uint8Array(1))] })],
    ['a type without a name', appendOf({ entries: [entry(10, 3, 1, '', new Uint8Array(1))] })],
    ['session 0', appendOf({ entries: [entry(10, 3, 1, 'command', new Uint8Array(1), 0)] })],
    ['a chunk beyond the end', installOf({ offset: 1_001 })],
    ['a last chunk that is not last', installOf({ offset: 900 })],
    ['a chunk at the end that is not last', installOf({ isLast: false })],
    ['1 for true', installOf({ isLast: 1 })],
    ['a snapshot id that is a path', installOf({ snapshot: { ...install.snapshot, id: '../a' } })],
    ['a snapshot id that hides', installOf({ snapshot: { ...install.snapshot, id: '.a' } })],
    ['no snapshot', installOf({ snapshot: null })],
  ];

  test.each(bad)('%s', (_, bytes) => {
    expect(outcome(bytes)).toBe('error');
  });

  test('every truncation of every message', () => {
    for (const message of EXAMPLE_MESSAGES) {
      const frame = encodeFrame(message);
      for (let length = 0; length < frame.byteLength; length += 1) {
        expect(outcome(frame.subarray(0, length))).toBe('error');
        expect(outcome(frameOf(frame[5] ?? 0, frame.slice(6, Math.max(6, length))))).toBe('error');
      }
    }
  });

  test('or a message, but never a crash: every flipped bit of every message', () => {
    const outcomes = new Set<string>();
    for (const message of EXAMPLE_MESSAGES) {
      const frame = encodeFrame(message);
      for (let bit = 0; bit < frame.byteLength * 8; bit += 1) {
        const flipped = frame.slice();
        flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        outcomes.add(outcome(flipped));
      }
    }
    expect(outcomes).toEqual(new Set(['message', 'error', 'unknown-kind']));
  });

  test('or a message, but never a crash: random bytes, random bodies, random fields', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => void outcome(bytes)));
    const kind = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(kind, fc.uint8Array({ maxLength: 200 }), (kind, bytes) => {
        outcome(frameOf(kind, new Uint8Array(bytes)));
      }),
      { numRuns: 2_000 },
    );
    fc.assert(
      fc.property(anyMessage, fc.nat(), fc.anything(), (message, place, value) => {
        const names = Object.keys(message).filter((name) => name !== 'type');
        const name = names[place % names.length] ?? 'from';
        const frame = encodeFrame(message);
        try {
          outcome(frameOf(frame[5] ?? 0, { ...message, [name]: value }));
        } catch (error) {
          // What msgpackr cannot even write is no frame.
          if (error instanceof Error && error.name === 'AssertionError') throw error;
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('in the sender: a message over the limit is refused before it is sent', () => {
    const bytes = new Uint8Array(FRAME_BYTES_MAX);
    expect(() => encodeFrame({ ...install, bytes })).toThrow(/the limit is 8388608/);
  });
});
