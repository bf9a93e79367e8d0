/**
 * Safe integers in few bytes: seven bits a byte, the lowest first, the top bit for "more follows".
 */

/** Enough for any safe integer. */
export const varintBytesMax = 8;

export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) length += 1;
  return length;
}

/** Writes at `at` and returns the position behind it. */
export function writeVarint(into: Uint8Array, at: number, value: number): number {
  let rest = value;
  let position = at;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) into[position++] = (rest % 0x80) | 0x80;
  into[position++] = rest;
  return position;
}

/**
 * The value at `at` and the position behind it; null when the bytes end before it does.
 * @throws TypeError when it is not a safe integer.
 */
export function readVarint(
  bytes: Uint8Array,
  at: number,
): { readonly value: number; readonly next: number } | null {
  let value = 0;
  let scale = 1;
  for (let position = at; position < at + varintBytesMax; position += 1) {
    const byte = bytes[position];
    if (byte === undefined) return null;
    value += (byte & 0x7f) * scale;
    if (!Number.isSafeInteger(value)) break;
    if (byte < 0x80) return { value, next: position + 1 };
    scale *= 0x80;
  }
  throw new TypeError(`The number at byte ${at} is not a safe integer: these bytes are damaged.`);
}
