/**
 * A hash of everything that a frame holds, computed from its contents alone: equal for equal frames,
 * however they were come by. Names of fields are sorted, so that it does not matter how an object
 * was made; nothing is remembered from frame to frame, so that a change behind one's back shows.
 */
import { Log } from '../../machines/rules/log.ts';
import { TextHash } from '../simulation/text-hash.ts';
import type { Frame } from './frame.ts';

export function frameHash(frame: Frame): string {
  return new FrameHash().of(frame);
}

class FrameHash {
  /** What occurs more than once in a frame is read once: servers hold the same entries. */
  readonly #seen = new Map<object, string>();

  of(value: object): string {
    let text = this.#seen.get(value);
    if (text === undefined) {
      const hash = new TextHash();
      this.#addContents(hash, value);
      text = hash.toString();
      this.#seen.set(value, text);
    }
    return text;
  }

  #add(hash: TextHash, value: unknown): void {
    const isPlain = typeof value !== 'object' || value === null;
    hash.add(isPlain ? `${typeof value} ${String(value)};` : `${this.of(value)};`);
  }

  #addContents(hash: TextHash, value: object): void {
    if (value instanceof Uint8Array) {
      hash.add('bytes;');
      hash.addBytes(value);
    } else if (value instanceof Log) {
      hash.add('log;');
      this.#addFields(hash, value.toJSON());
    } else if (Array.isArray(value)) {
      hash.add(`list ${value.length};`);
      for (const item of value) this.#add(hash, item);
    } else {
      this.#addFields(hash, value);
    }
  }

  #addFields(hash: TextHash, value: object): void {
    const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    for (const [name, field] of fields) {
      hash.add(`${name}=`);
      this.#add(hash, field);
    }
  }
}
