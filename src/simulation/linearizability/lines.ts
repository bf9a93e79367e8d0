/** Operations and states as a person reads them: short, and bytes as text where they are text. */
import type { Operation } from './model.ts';

const TEXT_MAX = 60;
const SHOWN_MAX = 160;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export function lineOf({
  client,
  input,
  output,
  calledAt,
  returnedAt,
}: Operation<unknown, unknown>): string {
  const answer = returnedAt === null ? 'no answer' : shown(output);
  return `  client ${client} [${calledAt}, ${returnedAt ?? '…'}] ${shown(input)} → ${answer}`;
}

export function shown(value: unknown): string {
  return shortened(JSON.stringify(value, readable) ?? String(value), SHOWN_MAX);
}

function readable(_: string, value: unknown): unknown {
  if (value instanceof Uint8Array) return shortened(textOf(value), TEXT_MAX);
  if (typeof value === 'string') return shortened(value, TEXT_MAX);
  return typeof value === 'bigint' ? String(value) : value;
}

function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return `bytes ${[...bytes.subarray(0, TEXT_MAX)].join(' ')}`;
  }
}

/** The end of a long one matters most: that is where it grew. */
function shortened(text: string, max: number): string {
  if (text.length <= max) return text;
  const half = Math.floor(max / 2);
  return `${text.slice(0, half)}…(${text.length} characters)…${text.slice(-half)}`;
}
