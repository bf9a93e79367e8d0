/**
 * Frames bent in every way (design: a bad frame closes the connection, is counted and logged, and
 * changes no state). Each ends as a message or as a FrameError, whatever it promises.
 */
// First, so that everything else is counted from its first line on.
import './line-coverage.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvariantViolation } from '../../machines/rules/invariant.ts';
import { MESSAGE_TYPES, type Message } from '../../machines/rules/messages.ts';
import { decodeEntry } from '../../src/formats/entry-format.ts';
import { FormatError, isInteger } from '../../src/formats/fields.ts';
import { FRAME_BYTES_MAX, FrameError } from '../../src/formats/frame.ts';
import { decodeFrame, encodeFrame } from '../../src/formats/message-frame.ts';
import { pack } from '../../src/formats/msgpack.ts';
import { decodePeerFrame } from '../../src/formats/peer-frame.ts';
import { anyEntryList, anyFrame, framed } from './bent-frames.ts';
import { BesiegedServer, MANNERS } from './besieged-server.ts';
import { allocated, anyBend, anyBytesBend, runs, Tally } from './fuzzing.ts';
import { lineCoverage } from './line-coverage.ts';

const DECODERS = [
  'src/formats/frame.ts',
  'src/formats/fields.ts',
  'src/formats/msgpack.ts',
  'src/formats/message-frame.ts',
  'src/formats/peer-frame.ts',
  'src/formats/read-message.ts',
  'src/formats/entry-format.ts',
  'src/node/peer-connection.ts',
  'src/node/peer-writer.ts',
];
/** Of them all; what is left out is what no input reaches: timers and the other end. */
const COVERED_MIN = 0.95;
const DECODED_MIN = 0.3;
const KIND_AT = 5;
/** The first frame of a handshake, which may be a good one: then its proof is waited for. */
const OPEN = 67;
const MEBIBYTE = 1024 * 1024;

/** Anything but a FrameError fails the test. */
function outcome(frame: Uint8Array): 'decoded' | 'unknown kind' | 'refused' {
  try {
    const decoded = decodePeerFrame(frame);
    if (decoded === 'unknown-kind') return 'unknown kind';
    if (MESSAGE_TYPES.some((type) => type === decoded.type)) {
      expect(decodeFrame(encodeFrame(decoded as Message))).toEqual(decoded);
    }
    return 'decoded';
  } catch (error) {
    expect(error).toBeInstanceOf(FrameError);
    return 'refused';
  }
}

describe('frames from anybody', () => {
  it('are messages or FrameErrors, at least three in ten of each, and cost what they weigh', () => {
    const tally = new Tally();
    fc.assert(
      fc.property(anyFrame, (frame) => {
        const before = allocated();
        tally.note(outcome(frame));
        expect(allocated() - before).toBeLessThan(4 * MEBIBYTE + 64 * frame.byteLength);
        expect(({} as Record<string, unknown>).fromTheFuture).toBeUndefined();
        expect(Object.getPrototypeOf({})).toBe(Object.prototype);
      }),
      runs(4_000),
    );
    expect(tally.share('decoded')).toBeGreaterThanOrEqual(DECODED_MIN);
    expect(tally.share('refused')).toBeGreaterThanOrEqual(DECODED_MIN);
  });

  it('are refused by their size alone when they are over the limit', () => {
    const frame = framed(9, new Uint8Array(FRAME_BYTES_MAX));
    const before = allocated();
    expect(outcome(frame)).toBe('refused');
    expect(allocated() - before).toBeLessThan(MEBIBYTE);
  });
});

describe('a connection that brings them', () => {
  it('is closed for a bad one, with a reason, and the server is as it was', async () => {
    const besieged = await BesiegedServer.start();
    const tally = new Tally();
    let delivered = 0;
    await fc.assert(
      fc.asyncProperty(anyFrame, async (frame) => {
        const expected = outcome(frame);
        tally.note(expected);
        const before = besieged.digest();
        const visit = await besieged.visit(frame);
        if (expected === 'refused') {
          expect(visit).toMatchObject({ isClosed: true, malformed: 1, delivered: 0 });
          expect(visit.refusal).toMatch(
            /^The connection to \S+ is closed: it sent a malformed frame/,
          );
        }
        delivered += visit.delivered;
        if (visit.delivered === 0) expect(besieged.digest()).toBe(before);
        // A well-formed lie may break a promise of Raft, which stops the server, and nothing else.
        for (const failure of besieged.failures) expect(failure).toBeInstanceOf(InvariantViolation);
      }),
      runs(1_000),
    );
    expect(tally.share('refused')).toBeGreaterThanOrEqual(DECODED_MIN);
    expect(delivered).toBeGreaterThan(100);
  });

  it('is closed whoever brings them: unknown, refused, in text, in a broken stream', async () => {
    const besieged = await BesiegedServer.start();
    const before = besieged.digest();
    const manner = fc.constantFrom(...MANNERS.slice(1));
    await fc.assert(
      fc.asyncProperty(anyFrame, manner, async (frame, manner) => {
        const visit = await besieged.visit(frame, manner);
        if (manner !== 'another stays') {
          expect(visit.delivered).toBe(0);
          expect(besieged.digest()).toBe(before);
        }
        const isOpening = manner === 'no handshake' && frame[KIND_AT] === OPEN;
        const isHarmless = isOpening || manner === 'another stays';
        if (!isHarmless || outcome(frame) === 'refused') expect(visit.isClosed).toBe(true);
      }),
      runs(500),
    );
  });
});

describe('an entry on its own', () => {
  it('is an entry or a FormatError', () => {
    const list = fc.record({ entries: fc.array(anyEntryList, { minLength: 1, maxLength: 1 }) });
    fc.assert(
      fc.property(list, anyBend, anyBytesBend, (fields, bend, bendBytes) => {
        const [bent] = [bend(fields).entries].flat();
        try {
          expect(isInteger(decodeEntry(bendBytes(pack(bent))).index, 1)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(FormatError);
        }
      }),
      runs(1_000),
    );
  });
});

describe('the decoders', () => {
  it('have been through it line by line', async () => {
    const { share, missed } = await lineCoverage(DECODERS);
    expect(share, `not run: ${missed.join(' ')}`).toBeGreaterThanOrEqual(COVERED_MIN);
  });
});
