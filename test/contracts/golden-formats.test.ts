/**
 * What was written once stays readable for ever: golden bytes of the first day, checked in. A new
 * version of a format adds a file beside these and changes none.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { clusterIdOf } from '../../src/formats/cluster-id.ts';
import { decodeEntry } from '../../src/formats/entry-format.ts';
import { decodeFrame } from '../../src/formats/message-frame.ts';
import {
  decodeChallenge,
  decodeHello,
  decodeOpen,
  decodePeerFrame,
  handshakeFrame,
} from '../../src/formats/peer-frame.ts';
import { plainData } from '../../src/formats/plain-data.ts';
import { readSnapshot } from '../../src/formats/snapshot-file.ts';
import { EXAMPLE_MESSAGES } from '../../src/testing/example-messages.ts';
import { EXAMPLE_HEADER, EXAMPLE_STATE } from './example-snapshot.ts';

const golden = JSON.parse(
  readFileSync(new URL('./golden/formats-1.json', import.meta.url), 'utf8'),
) as Record<string, string>;
const frames = JSON.parse(
  readFileSync(new URL('./golden/frames-2.json', import.meta.url), 'utf8'),
) as Record<string, string>;
const bytesIn = (file: Readonly<Record<string, string>>, name: string) =>
  new Uint8Array(Buffer.from(file[name] ?? '', 'hex'));
const bytesOf = (name: string) => bytesIn(golden, name);
const frameOf = (name: string) => bytesIn(frames, name);
const HELLO = {
  storageId: 'V1StGXR8_Z5jdHi6B-myT',
  incarnation: 'Uakgb_J5m9g-0JDMbcJqL',
  writeNumber: 70_000,
  clientAddress: 'http://127.0.0.1:7101',
  software: 'statecraft 0.1.0',
};
const CLUSTER = '26e0ba2ae2cd3cb8c8f0fe4b9e9b5f5f';
const NONCE = Uint8Array.from({ length: 32 }, (_, at) => at);

describe('golden frames of protocol 2 stay readable', () => {
  test.each(EXAMPLE_MESSAGES.map((message) => [message.type, message] as const))(
    '%s',
    (type, message) => {
      expect(decodeFrame(frameOf(type))).toEqual(message);
    },
  );

  test('of the handshake', () => {
    const keyName = '0123456789abcdef';
    const bodyOf = (name: string) => handshakeFrame(frameOf(name)).body;
    expect(decodeOpen(bodyOf('Open'))).toEqual({
      versions: [2],
      clusterId: CLUSTER,
      from: 'a',
      to: 'b',
      nonce: NONCE,
      keyNames: [keyName],
    });
    expect(decodeChallenge(bodyOf('Challenge'))).toEqual({
      version: 2,
      clusterId: CLUSTER,
      from: 'b',
      to: 'a',
      nonce: NONCE,
      keyName,
    });
    expect(decodeHello(bodyOf('Proof'))).toEqual(HELLO);
    expect(decodeHello(bodyOf('Welcome'))).toEqual(HELLO);
  });

  test('beside the messages', () => {
    const reason = 'Wrong cluster.';
    expect(decodePeerFrame(frameOf('Refusal'))).toEqual({ type: 'Refusal', reason });
    expect(decodePeerFrame(frameOf('Keepalive'))).toEqual({
      type: 'Keepalive',
      writeNumber: 70_001,
    });
    expect(decodePeerFrame(frameOf('Renew'))).toEqual({ type: 'Renew' });
  });

  test('and one of protocol 1 is refused by its version', () => {
    expect(() => decodePeerFrame(bytesOf('Pulse'))).toThrow(/protocol version 1.*speaks 2/);
  });
});

describe('golden bytes of format 1 stay readable', () => {
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
