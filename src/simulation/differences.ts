/** How two states differ, place by place, as text for people; it looks into objects, lists, Maps and Sets. */
import { valueText } from '../formats/value-text.ts';

export interface Difference {
  /** As one would write it: `accounts.bob.total`, `queue[3]`, `keys["a b"]`. */
  readonly place: string;
  /** What is there, as a person reads it; null for nothing. */
  readonly one: string | null;
  readonly other: string | null;
}

const DIFFERENCES_MAX = 1_000;
const DEPTH_MAX = 20;
const COMPARED_CHARACTERS_MAX = 10_000;

export function differencesOf(one: unknown, other: unknown): readonly Difference[] {
  const differences: Difference[] = [];
  compare('', one, other, differences, 0);
  return differences;
}

/** As one line: `total is 3 on a and 4 on b; …`, the first few of them. */
export function describeDifferences(
  differences: readonly Difference[],
  [one, other]: readonly [string, string],
  max = 5,
): string {
  const lines = differences.slice(0, max).map((difference) => {
    const place = difference.place === '' ? 'the state' : difference.place;
    const [first, second] = [difference.one ?? 'missing', difference.other ?? 'missing'];
    return `${place} is ${first} on ${one} and ${second} on ${other}`;
  });
  const left = differences.length - lines.length;
  if (left > 0) lines.push(`${left} more ${left === 1 ? 'place differs' : 'places differ'}`);
  return lines.join('; ');
}

function compare(
  place: string,
  one: unknown,
  other: unknown,
  found: Difference[],
  depth: number,
): void {
  if (Object.is(one, other) || found.length >= DIFFERENCES_MAX) return;
  const parts = depth < DEPTH_MAX ? partsOf(one) : null;
  const others = depth < DEPTH_MAX ? partsOf(other) : null;
  if (parts === null || others === null || parts.kind !== others.kind) {
    const [first, second] = [one, other].map((value) => valueText(value, COMPARED_CHARACTERS_MAX));
    if (first === second && typeof one === typeof other) return;
    found.push({ place, one: valueText(one), other: valueText(other) });
    return;
  }
  for (const name of new Set([...parts.values.keys(), ...others.values.keys()])) {
    const inner = parts.kind === 'list' ? `${place}[${name}]` : joined(place, name);
    const [here, there] = [parts.values, others.values].map((values) => values.has(name));
    const [value, otherValue] = [parts.values.get(name), others.values.get(name)];
    if (here && there) compare(inner, value, otherValue, found, depth + 1);
    else {
      const missing = {
        one: here ? valueText(value) : null,
        other: there ? valueText(otherValue) : null,
      };
      found.push({ place: inner, ...missing });
    }
  }
}

interface Parts {
  readonly kind: 'list' | 'fields' | 'members';
  readonly values: ReadonlyMap<string, unknown>;
}

/** Null for what is shown as a whole. */
function partsOf(value: unknown): Parts | null {
  if (typeof value !== 'object' || value === null) return null;
  if (value instanceof Map) {
    return {
      kind: 'fields',
      values: new Map([...value].map(([key, held]) => [nameOf(key), held])),
    };
  }
  if (value instanceof Set) {
    return { kind: 'members', values: new Map([...value].map((each) => [nameOf(each), each])) };
  }
  if (Array.isArray(value)) {
    return { kind: 'list', values: new Map(value.map((each, at) => [String(at), each])) };
  }
  if (ArrayBuffer.isView(value) || value instanceof Date || value instanceof Error) return null;
  const fields = Object.entries(value);
  // An instance that shows no property may hold something all the same.
  const isOpen = fields.length > 0 || Object.getPrototypeOf(value) === Object.prototype;
  return isOpen ? { kind: 'fields', values: new Map(fields) } : null;
}

function nameOf(key: unknown): string {
  return typeof key === 'string' ? key : valueText(key);
}

function joined(place: string, name: string): string {
  if (!/^[\p{ID_Start}_$][\p{ID_Continue}$-]*$/u.test(name)) return `${place}[${valueText(name)}]`;
  return place === '' ? name : `${place}.${name}`;
}
