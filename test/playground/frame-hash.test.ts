import { beforeAll, describe, expect, it } from 'vitest';
import { Log } from '../../machines/rules/log.ts';
import type { Frame } from '../../src/playground/frame.ts';
import { frameHash } from '../../src/playground/frame-hash.ts';
import { Recording } from '../../src/playground/recording.ts';

/** The same contents in other objects, their fields in the opposite order; `change` may alter leaves. */
function copyOf(
  value: unknown,
  change: (leaf: unknown, path: string) => unknown,
  path = '',
): unknown {
  const inside = (field: unknown, name: string | number) =>
    copyOf(field, change, `${path}/${name}`);
  if (typeof value !== 'object' || value === null) return change(value, path);
  if (value instanceof Uint8Array) return change(value.slice(), path);
  if (Array.isArray(value)) return value.map(inside);
  if (value instanceof Log) {
    const { base, entries } = value.toJSON();
    return Log.from(inside(base, 'base') as Log['base'], inside(entries, 'entries') as []);
  }
  const fields = Object.entries(value).reverse();
  return Object.fromEntries(fields.map(([name, field]) => [name, inside(field, name)]));
}

const leavesOf = (frame: Frame): string[] => {
  const paths: string[] = [];
  copyOf(frame, (leaf, path) => {
    paths.push(path);
    return leaf;
  });
  return paths;
};

function changed(leaf: unknown): unknown {
  if (typeof leaf === 'number') return leaf + 1;
  if (typeof leaf === 'boolean') return !leaf;
  if (leaf instanceof Uint8Array) return Uint8Array.of(...leaf, 7);
  return leaf === null ? 0 : `${leaf}’`;
}

describe('the hash of a frame', () => {
  let frame: Frame;

  beforeAll(async () => {
    const put = { type: 'put', server: 'e', key: 'x', value: '1' } as const;
    const cut = { type: 'cut', from: 'a', to: 'b' } as const;
    const recording = await Recording.start({
      seed: 7,
      servers: 5,
      scenario: null,
      actions: [
        { after: 100, action: put },
        { after: 101, action: cut },
      ],
    });
    await recording.advanceTo(160);
    const frames = Array.from({ length: 160 }, (_, event) => recording.frame(event));
    // One of everything: what is on its way, has landed, was asked and has happened.
    frame = frames.findLast(
      ({ flights, landings, facts, taken, calls }) =>
        flights.length * landings.length * facts.length * taken.length * calls.length > 0,
    )!;
  });

  it('is of the contents, however the objects were made', () => {
    const copy = copyOf(frame, (leaf) => leaf) as Frame;
    expect(copy.servers[0]).not.toBe(frame.servers[0]);
    expect(frameHash(copy)).toBe(frameHash(frame));
    expect(frameHash(frame)).toBe(frameHash(frame));
  });

  it('is another one when any one thing in the frame is', () => {
    const leaves = leavesOf(frame);
    // Entries whose index or term does not fit are no log at all.
    const free = leaves.filter(
      (path) => !/\/log\/(?:entries\/\d+\/(?:index|term|type)|base\/)/.test(path),
    );
    expect(free.length).toBeGreaterThan(500);
    const hash = frameHash(frame);
    for (const path of free) {
      const other = copyOf(frame, (leaf, at) => (at === path ? changed(leaf) : leaf)) as Frame;
      expect(frameHash(other), path).not.toBe(hash);
    }
  });

  it('notices what was changed behind its back, in objects that it has seen before', () => {
    const hash = frameHash(frame);
    const { bytes } = frame.servers[0]!.log.entryAt(2)!;
    bytes[0]! ^= 1;
    expect(frameHash(frame)).not.toBe(hash);
    bytes[0]! ^= 1;
    expect(frameHash(frame)).toBe(hash);
  });
});
