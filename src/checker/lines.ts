/** An operation as a person reads it. */
import { shown } from '../formats/shown.ts';
import type { Operation } from './model.ts';

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
