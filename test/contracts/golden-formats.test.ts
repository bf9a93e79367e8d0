/**
 * What was written once stays readable for ever: golden bytes of the first day, checked in. A new
 * version of a format adds a file beside these and changes none.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { clusterIdOf } from '../../src/formats/cluster-id.ts';
import { decodeEntry } from '../../src/formats/entry-format.ts';
import { decodeFrame } from '../../src/formats/message-frame.ts';
import { decodePeerFrame } from '../../src/formats/peer-frame.ts';
import { plainData } from '../../src/formats/plain-data.ts';
import { readSnapshot } from '../../src/formats/snapshot-file.ts';
import { EXAMPLE_MESSAGES } from '../../src/testing/example-messages.ts';
import { EXAMPLE_HEADER, EXAMPLE_STATE } from './example-snapshot.ts';

const golden = JSON.parse(
  readFileSync(new URL('./golden/formats-1.json', import.meta.url), 'utf8'),
) as Record<string, string>;
const bytesOf = (name: string) => new Uint8Array(Buffer.from(golden[name] ?? '', 'hex'));

describe('golden bytes of format 1 stay readable', () => {
  test.each(EXAMPLE_MESSAGES.map((message) => [message.type, message] as const))(
    '%s',
    (type, message) => {
      expect(decodeFrame(bytesOf(type))).toEqual(message);
    },
  );

  test('the greeting, the refusal and the pulse', () => {
    expect(decodePeerFrame(bytesOf('Hello'))).toEqual({
      type: 'Hello',
      versionMin: 1,
      versionMax: 1,
      clusterId: '26e0ba2ae2cd3cb8c8f0fe4b9e9b5f5f',
      from: 'a',
      to: 'b',
      storageId: 'V1StGXR8_Z5jdHi6B-myT',
      writeNumber: 70_000,
      clientAddress: 'http://127.0.0.1:7101',
      software: 'statecraft 0.1.0',
    });
    expect(decodePeerFrame(bytesOf('Refusal'))).toEqual({
      type: 'Refusal',
      reason: 'Wrong cluster.',
    });
    expect(decodePeerFrame(bytesOf('Pulse'))).toEqual({ type: 'Pulse', writeNumber: 70_001 });
  });

  test('an entry on its own', () => {
    const append = EXAMPLE_MESSAGES[2];
    expect(append?.type === 'AppendEntries' && append.entries[2]).toEqual(
      decodeEntry(bytesOf('Entry')),
    );
  });

  test('a snapshot file', async () => {
    const file = bytesOf('Snapshot');
    const { header, chunks } = await readSnapshot({
      sizeBytes: file.byteLength,
      read: async (offset, length) => file.subarray(offset, offset + length),
    });
    const state: number[] = [];
    for await (const chunk of chunks) state.push(...chunk);
    expect(header).toEqual(EXAMPLE_HEADER);
    expect(new Uint8Array(state)).toEqual(EXAMPLE_STATE);
  });

  test('a command of plain data', () => {
    expect(plainData().decode(bytesOf('PlainData'))).toEqual({
      type: 'put',
      key: 'grüße',
      value: new Uint8Array([1, 2, 3]),
      options: [null, true, -1, 1.5, 9_007_199_254_740_991, 5n],
    });
  });

  test('the id of a cluster', () => {
    expect(clusterIdOf('statecraft', ['c', 'a', 'b'])).toBe(golden.ClusterId);
  });
});

test('a cluster is another one with another name or other servers, in whatever order', () => {
  const id = clusterIdOf('statecraft', ['a', 'b', 'c']);
  expect(id).toMatch(/^[0-9a-f]{32}$/);
  expect(clusterIdOf('statecraft', ['b', 'c', 'a'])).toBe(id);
  expect(clusterIdOf('other', ['a', 'b', 'c'])).not.toBe(id);
  expect(clusterIdOf('statecraft', ['a', 'b'])).not.toBe(id);
  expect(clusterIdOf('statecraft', ['ab', 'c'])).not.toBe(clusterIdOf('statecraft', ['a', 'bc']));
});
