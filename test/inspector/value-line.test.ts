import { describe, expect, it } from 'vitest';
import { valueLine } from '../../src/inspector/value-line.ts';

const inFlight = { number: 1631, through: 10, bytes: 56 };
const command = { type: 'command', bytes: '8 bytes' };

describe('an event in one line of the log', () => {
  const lines: readonly (readonly [string, Readonly<Record<string, unknown>>, string])[] = [
    [
      'plain fields, without the type',
      { type: 'x', a: 1, b: 'two', c: null },
      'a 1 · b two · c null',
    ],
    [
      'times without their last digits',
      { now: 51725.251572, share: 0.25 },
      'now 51725.252 · share 0.25',
    ],
    ['a proposal: its kind and its size', { proposals: [command] }, 'proposals command 8 bytes'],
    [
      'several: how many, and the first ones',
      { proposals: [command, command, command] },
      'proposals 3: command 8 bytes, command 8 bytes, …',
    ],
    [
      'a list that was too long to be sent is a list',
      { proposals: { length: 40, first: [command, command] } },
      'proposals 40: command 8 bytes, command 8 bytes, …',
    ],
    [
      'an object without a kind: its numbers',
      { messages: [inFlight] },
      'messages (number 1631, through 10, bytes 56)',
    ],
    [
      'a message: its kind, its way and its numbers',
      { message: { type: 'TimeoutNow', from: 'a', to: 'b', term: 2, number: 5 } },
      'message TimeoutNow a → b (term 2, number 5)',
    ],
    ['short lists as they are', { reads: [4], keys: ['a', 'b'] }, 'reads 4 · keys a, b'],
    [
      'long ones by their length and beginning',
      { reads: [1, 2, 3, 4, 5] },
      'reads 5: 1, 2, 3, 4, …',
    ],
    ['what is empty', { entries: [], payload: {} }, 'entries none · payload empty'],
    [
      'no more fields than can be read',
      { payload: { a: 1, b: 2, c: 3, d: 4, e: 5 } },
      'payload (a 1, b 2, c 3, d 4, …)',
    ],
    [
      'no deeper than can be read',
      { payload: { a: { b: { c: { d: 1 } } } } },
      'payload (a (b (c …)))',
    ],
  ];

  it.each(lines)('%s', (_, event, line) => {
    expect(valueLine(event)).toBe(line);
  });

  it('is cut where a row ends', () => {
    const line = valueLine({ first: 'x'.repeat(500), second: 'y'.repeat(500) });
    expect(line).toHaveLength(121);
    expect(line.endsWith('…')).toBe(true);
  });
});
