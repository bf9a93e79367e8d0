/**
 * What the suites assert with: Node.js itself, so that they need no test runner, and any of them
 * knows the errors (`AssertionError`, with `actual` and `expected`).
 */
import assert from 'node:assert/strict';

export { assert };

/**
 * Equal by what is in them. What an implementer may do differently does not count: a `Buffer` is as
 * good as a `Uint8Array`, a class as a literal, and a field that is undefined as none.
 */
export function assertAlike(actual: unknown, expected: unknown): void {
  assert.deepEqual(plain(actual, new Map()), plain(expected, new Map()));
}

/** `known` has the objects above, which may hold one another. */
function plain(value: unknown, known: Map<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (known.has(value)) return known.get(value);
  // Of these a comparison knows more than their fields.
  if (!/^\[object (?:Object|Array)\]$/.test(Object.prototype.toString.call(value))) return value;
  const copy: Record<PropertyKey, unknown> | unknown[] = Array.isArray(value) ? [] : {};
  known.set(value, copy);
  for (const [key, field] of Object.entries(value)) {
    if (Array.isArray(copy)) copy[Number(key)] = plain(field, known);
    else if (field !== undefined) copy[key] = plain(field, known);
  }
  return copy;
}
