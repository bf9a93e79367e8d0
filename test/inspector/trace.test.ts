/** Trace files: written and read again without loss; whatever else is opened gets a sentence. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InspectionRecord } from '../../src/inspector/protocol.ts';
import {
  readTrace,
  TRACE_LIMITS,
  TraceError,
  type TraceFile,
  writeTrace,
} from '../../src/inspector/trace.ts';

const stands = { actor: 'server', value: { leader: { reads: 'idle' } }, active: ['server'] };
const event = { type: 'rpc.received', message: { type: 'AppendEntries', entries: [] } };

/** One of each kind. */
const records: readonly InspectionRecord[] = [
  {
    ...{ type: 'hello', format: 'statecraft-inspection', version: 1, atMs: 1.5, source: 'server' },
    ...{ id: 'a', clusterId: 'x', software: 'statecraft 9.9.9', pid: 7 },
    members: [{ id: 'a', clientAddress: 'http://127.0.0.1:7101' }],
  },
  { type: 'actor', atMs: 2, ...stands, parent: null, machine: 'server', context: { term: 1 } },
  { type: 'chart', machine: 'light', chart: { width: 10, boxes: [] } },
  {
    ...{ type: 'transition', atMs: 3, number: 1, ...stands, event, from: null },
    ...{ transitions: ['server/rpc.received/3'], before: 'follower', changes: {}, emitted: [1] },
  },
  { type: 'dropped', atMs: 4, count: 12 },
  { type: 'state', atMs: 5, ...stands, changes: { term: 2 } },
  { type: 'stopped', atMs: 6, actor: 'server/b', status: 'stopped', output: null },
  { type: 'failed', atMs: 7, actor: null, message: 'the disk is <full>' },
  { type: 'ended', atMs: 8, why: 'server a stops' },
  { type: 'pong', atMs: 9 },
];

const trace: TraceFile = {
  software: 'statecraft 9.9.9',
  recordedAtMs: 1_795_254_904_357,
  lines: records.map((record) => ({ server: 'a', record })),
};

const header = writeTrace({ ...trace, lines: [] });

function faultOf(file: string): TraceError {
  try {
    readTrace(file);
  } catch (error) {
    if (error instanceof TraceError) return error;
    throw error;
  }
  throw new Error('it was read');
}

const withRecord = (record: unknown) => `${header}${JSON.stringify({ server: 'a', record })}\n`;

describe('a trace', () => {
  it('is read as it was written', () => {
    expect(readTrace(writeTrace(trace))).toEqual(trace);
  });

  it('of the first version stays readable for ever', () => {
    const golden = join(import.meta.dirname, '../contracts/golden/trace-1.jsonl');
    expect(readTrace(readFileSync(golden, 'utf8'))).toEqual(trace);
  });

  it('may come with the line ends and the mark of another system', () => {
    expect(readTrace(`\ufeff${writeTrace(trace).replaceAll('\n', '\r\n')}`)).toEqual(trace);
  });

  it('may hold more than this version knows of', () => {
    const record = { ...records[4], mood: 'fine' };
    expect(readTrace(withRecord(record)).lines[0]?.record).toEqual(record);
  });

  it('says what a gap was made of, since that is told', () => {
    const of = [{ actor: 'server', kind: 'heartbeat', count: 300 }];
    const record = { ...records[4], count: 412, of };
    expect(readTrace(withRecord(record)).lines[0]?.record).toEqual(record);
  });

  it.each([
    ['heartbeats'],
    [{}],
    [[null]],
    [[{ actor: 'server', kind: 'heartbeat', count: 0 }]],
    [[{ actor: 7, kind: 'heartbeat', count: 1 }]],
  ])('with a gap that is made of %j is refused', (of) => {
    expect(faultOf(withRecord({ ...records[4], of })).message).toMatch(/"of[."]/);
  });

  it.each([
    ['nothing', '', 1, 'not a Statecraft trace'],
    ['a text', 'Dear diary', 1, 'not a Statecraft trace'],
    ['other JSON', '{"version":1}', 1, 'not a Statecraft trace'],
    ['another version', header.replace('"version":1', '"version":2'), 1, 'of version 2, and this'],
    ['a header without its time', header.replace(/,"recordedAtMs":\d+/, ''), 1, 'which software'],
    ['a line that was cut off', writeTrace(trace).slice(0, -20), 11, 'cut off'],
    ['a line that is a list', `${header}[]\n`, 2, 'a line is an object'],
    ['a line without a server', `${header}{"record":{}}\n`, 2, '"server" is missing'],
    ['an unknown record', withRecord({ type: 'toString' }), 2, 'no record of type "toString"'],
    ['a record that is none', withRecord(null), 2, 'a record is an object'],
    ['a blank line', `${header}\n${header}`, 2, 'not JSON'],
  ])('that is %s is refused with its line and a sentence', (_, file, line, sentence) => {
    const fault = faultOf(file);
    expect([fault.line, fault.message]).toEqual([line, expect.stringContaining(sentence)]);
  });

  it.each(
    records.flatMap((record) =>
      Object.keys(record)
        .filter((name) => name !== 'type')
        .map((name) => [record.type, name, record] as const),
    ),
  )('with a %s whose %s is missing is refused by that name', (_type, name, record) => {
    const { [name as keyof typeof record]: _gone, ...rest } = record;
    expect(faultOf(withRecord(rest)).message).toContain(`Line 2: "${name}" is missing`);
  });

  it.each([
    ['number', 1.5],
    ['atMs', 'now'],
    ['atMs', -1],
    ['actor', 'x'.repeat(2_000)],
    ['active', 'server'],
    ['value', 7],
    ['before', { a: 1 }],
    ['event', { payload: 1 }],
    ['from', 3],
    ['emitted', {}],
  ])('with a transition whose %s is %j is refused', (name, value) => {
    const { message } = faultOf(withRecord({ ...records[3], [name]: value }));
    expect(message).toMatch(new RegExp(`"${name}[".]`));
  });

  it('nested without end is refused, and does not exhaust the stack', () => {
    const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const line = JSON.stringify({ server: 'a', record: records[3] });
    const file = `${header}${line.replace('"emitted":[1]', `"emitted":[${deep}]`)}\n`;
    expect(faultOf(file).message).toContain('"emitted.0" is a list, and should be at most');
  });

  it('is bounded: by its size, its lines and the length of each', () => {
    const { charactersMax, linesMax, lineLengthMax } = TRACE_LIMITS;
    expect(faultOf('x'.repeat(charactersMax + 1)).message).toMatch(
      /has 64\.1 MiB; .* at most 64 MiB/,
    );
    expect(faultOf(`${header}${'1\n'.repeat(linesMax + 1)}`).message).toMatch(/more than 200000/);
    expect(faultOf(`${header}"${'x'.repeat(lineLengthMax)}"`).message).toMatch(/^Line 2: it has/);
    expect(faultOf('x'.repeat(lineLengthMax + 1)).line).toBe(1);
  });

  it('whatever was done to it, is read or refused with a sentence', () => {
    const whole = writeTrace(trace);
    const bent = fc
      .array(fc.tuple(fc.nat(whole.length - 1), fc.nat(3), fc.string({ maxLength: 5 })), {
        minLength: 1,
        maxLength: 4,
      })
      .map((bends) =>
        bends.reduce(
          (text, [at, cut, put]) => text.slice(0, at) + put + text.slice(at + cut),
          whole,
        ),
      );
    fc.assert(
      fc.property(fc.oneof(bent, fc.json(), fc.string()), (file) => {
        try {
          expect(Array.isArray(readTrace(file).lines)).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(TraceError);
          expect((error as Error).message.length).toBeLessThan(400);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
