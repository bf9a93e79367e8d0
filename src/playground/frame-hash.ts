/**
 * A hash of everything that a frame holds, computed from its contents alone: equal for equal frames,
 * however they were come by. Names of fields are sorted, so that it does not matter how an object
 * was made; nothing is remembered from frame to frame, so that a change behind one's back shows.
 */
import { Log } from '../../machines/rules/log.ts';
import { TextHash } from '../simulation/text-hash.ts';
import type { Frame } from './frame.ts';

export function frameHash(frame: Frame): string {
  // What occurs more than once in a frame is read once: servers hold the same entries.
  const known = new Map<object, string>();
  const textOf = (value: unknown): string => {
    if (typeof value !== 'object' || value === null) return `${typeof value} ${String(value)}`;
    const text = known.get(value) ?? hashOf(value);
    known.set(value, text);
    return text;
  };
  const hashOf = (value: object): string => {
    const hash = new TextHash();
    if (value instanceof Uint8Array) {
      hash.add('bytes;');
      hash.addBytes(value);
      return hash.toString();
    }
    const fields = Object.entries(value instanceof Log ? value.toJSON() : value);
    hash.add(`${Array.isArray(value) ? 'list' : value instanceof Log ? 'log' : ''};`);
    for (const [name, field] of fields.sort(([a], [b]) => (a < b ? -1 : 1))) {
      hash.add(`${name}=${textOf(field)};`);
    }
    return hash.toString();
  };
  return hashOf(frame);
}
