/**
 * Any value as a person reads it: as JSON where it is JSON, bytes as text where they are text, and
 * with a name for what JSON cannot say. It shortens what is long, and never throws.
 */
const TEXT_MAX = 60;
const SHOWN_MAX = 160;
const DEPTH_MAX = 8;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** @param charactersMax of the whole; default 160. */
export function valueText(value: unknown, charactersMax = SHOWN_MAX): string {
  return shortened(textOf(value, []), charactersMax);
}

function textOf(value: unknown, around: readonly unknown[]): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(shortened(value, TEXT_MAX));
    case 'bigint':
      return `${value}n`;
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'function':
      return `function ${value.name}`;
    case 'object':
      if (value === null) return 'null';
      if (around.includes(value)) return '(itself)';
      return around.length > DEPTH_MAX ? '…' : objectText(value, [...around, value]);
    default:
      return String(value);
  }
}

function objectText(value: object, around: readonly unknown[]): string {
  try {
    if (value instanceof Uint8Array) return JSON.stringify(bytesText(value));
    if (Array.isArray(value)) return `[${listText(value, around)}]`;
    if (ArrayBuffer.isView(value) && 'length' in value) {
      return `${className(value)} [${listText(value as unknown as Iterable<unknown>, around)}]`;
    }
    if (value instanceof Set) return `Set {${listText(value, around)}}`;
    if (value instanceof Map) return `Map {${pairsText([...value], around)}}`;
    // A date, by what it can do: this room knows no clock, so it has no word for one.
    if ('toISOString' in value)
      return JSON.stringify((value as { toISOString(): string }).toISOString());
    if (value instanceof Error) return `${value.name}: ${shortened(value.message, TEXT_MAX)}`;
    return recordText(value, around);
  } catch (error) {
    // A getter or a toJSON that throws; an invalid date.
    return `${className(value)} (${error instanceof Error ? error.message : 'cannot be read'})`;
  }
}

function recordText(value: object, around: readonly unknown[]): string {
  const { toJSON } = value as { readonly toJSON?: unknown };
  if (typeof toJSON === 'function') return textOf(toJSON.call(value), around);
  const name = className(value);
  return `${name === 'Object' ? '' : `${name} `}{${pairsText(Object.entries(value), around)}}`;
}

function pairsText(pairs: readonly (readonly [unknown, unknown])[], around: readonly unknown[]) {
  return pairs.map(([key, held]) => `${textOf(key, around)}:${textOf(held, around)}`).join();
}

function listText(values: Iterable<unknown>, around: readonly unknown[]): string {
  return Array.from(values, (value) => textOf(value, around)).join();
}

function className(value: object): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null) return 'Object';
  return (prototype as { constructor?: { name?: string } }).constructor?.name || 'Object';
}

function bytesText(bytes: Uint8Array): string {
  try {
    return shortened(decoder.decode(bytes), TEXT_MAX);
  } catch {
    return shortened(`bytes ${[...bytes.subarray(0, TEXT_MAX)].join(' ')}`, TEXT_MAX);
  }
}

/** The end of a long one matters most: that is where it grew. */
function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  const half = Math.floor(max / 2);
  return `${text.slice(0, half)}…(${text.length} characters)…${text.slice(-half)}`;
}
