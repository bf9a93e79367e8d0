/** Events and values in one short line, for a row of the log. */
import { isTree } from './changes.ts';

const LENGTH_MAX = 120;
const TEXT_MAX = 60;
/** Of what is within a field: so deep, and so many of one kind. */
const DEPTH_MAX = 3;
const FIELDS_MAX = 4;
const VALUES_MAX = 4;
const OBJECTS_MAX = 2;

/** Its fields, each with what kind of thing it holds and which numbers. */
export function valueLine(value: Readonly<Record<string, unknown>>): string {
  let line = '';
  for (const [key, part] of Object.entries(value)) {
    if (key === 'type') continue;
    line += `${line === '' ? '' : ' · '}${field(key, part, DEPTH_MAX)}`;
    if (line.length > LENGTH_MAX) return shortened(line, LENGTH_MAX);
  }
  return line;
}

/** Bytes are shown as `8 bytes`, which includes their name. */
function field(key: string, value: unknown, depth: number): string {
  const text = brief(value, depth);
  return typeof value === 'string' && text.endsWith(` ${key}`) ? text : `${key} ${text}`;
}

function brief(value: unknown, depth: number): string {
  if (typeof value === 'number') return rounded(value);
  if (!isTree(value)) return shortened(String(value), TEXT_MAX);
  if (depth === 0) return '…';
  const list = listIn(value);
  return list === null ? objectLine(value, depth) : listLine(list, depth);
}

/** Beyond thousandths nobody reads on; what is less than one may be all there is. */
function rounded(value: number): string {
  return String(Math.abs(value) < 1 ? value : Number(value.toFixed(3)));
}

interface List {
  readonly length: number;
  readonly first: readonly unknown[];
}

/** A list, or what stands for one that was too long to be sent. */
function listIn(value: Readonly<Record<string, unknown>>): List | null {
  if (Array.isArray(value)) return { length: value.length, first: value };
  const { length, first } = value;
  return typeof length === 'number' && Array.isArray(first) ? { length, first } : null;
}

function listLine({ length, first }: List, depth: number): string {
  const [one] = first;
  if (one === undefined) return length === 0 ? 'none' : `${length} of them`;
  if (length === 1) return brief(one, depth - 1);
  const shown = first.slice(0, isTree(one) ? OBJECTS_MAX : VALUES_MAX);
  const items = shown.map((item) => brief(item, depth - 1));
  if (shown.length < length) items.push('…');
  return isTree(one) || shown.length < length ? `${length}: ${items.join(', ')}` : items.join(', ');
}

/** A message by its kind and its way, anything else with a type by that, and the fields behind it. */
function objectLine(value: Readonly<Record<string, unknown>>, depth: number): string {
  const { type, ...fields } = value;
  if (typeof type !== 'string') {
    const line = fieldsLine(value, depth);
    return line === '' ? 'empty' : `(${line})`;
  }
  const { from, to, ...others } = fields;
  const isMessage = typeof from === 'string' && typeof to === 'string';
  const name = isMessage ? `${type} ${from} → ${to}` : type;
  const rest = fieldsLine(isMessage ? others : fields, depth);
  if (rest === '') return name;
  return rest.includes(', ') ? `${name} (${rest})` : `${name} ${rest}`;
}

function fieldsLine(value: Readonly<Record<string, unknown>>, depth: number): string {
  const entries = Object.entries(value);
  const parts = entries.slice(0, FIELDS_MAX).map(([key, part]) => field(key, part, depth - 1));
  if (entries.length > FIELDS_MAX) parts.push('…');
  return parts.join(', ');
}

function shortened(text: string, lengthMax: number): string {
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax)}…`;
}
