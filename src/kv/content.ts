/**
 * Values that grow, cheap to append to and to compare: text with one character per byte, which the
 * engine joins without copying, and a hash that goes on where it stopped.
 */
import { encodeText } from './keys.ts';

export interface Content {
  /** One character per byte. */
  readonly text: string;
  /** Equal for equal texts; not only for them. */
  readonly hash: number;
}

export const EMPTY: Content = { text: '', hash: 0x811c9dc5 };

/** A search comes past the same command or answer again and again: its value is looked at once. */
const known = new WeakMap<object, Content>();
const notAscii = /[^\0-\x7f]/;

/** The value of a command or an answer; a string stands for its UTF-8 bytes. */
export function contentOf(holder: { readonly value: string | Uint8Array }): Content {
  const seen = known.get(holder);
  if (seen !== undefined) return seen;
  const { value } = holder;
  const isText = typeof value === 'string' && !notAscii.test(value);
  const text = isText ? value : textOf(typeof value === 'string' ? encodeText(value) : value);
  const content = appendedText(EMPTY, text);
  known.set(holder, content);
  return content;
}

export function appended(content: Content, added: Content): Content {
  return content.text === '' ? added : appendedText(content, added.text);
}

export function isSame(one: Content | null, other: Content | null): boolean {
  if (one === null || other === null) return one === other;
  return one.hash === other.hash && one.text === other.text;
}

/** Whether appending to the one may give the other. */
export function isPrefixOf(one: Content, other: Content): boolean {
  return one.text.length <= other.text.length && other.text.startsWith(one.text);
}

function appendedText({ text, hash }: Content, added: string): Content {
  let next = hash;
  for (let at = 0; at < added.length; at += 1) {
    next = Math.imul(next ^ added.charCodeAt(at), 0x01000193);
  }
  return { text: text + added, hash: next };
}

const PIECE = 8_192;

function textOf(bytes: Uint8Array): string {
  let text = '';
  for (let from = 0; from < bytes.byteLength; from += PIECE) {
    text += String.fromCharCode(...bytes.subarray(from, from + PIECE));
  }
  return text;
}
