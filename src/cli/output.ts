/**
 * Tables and lines on stdout: bold heads on a terminal, plain text everywhere else. What is shown to
 * people is shown in visible characters: keys and values come from whoever may write.
 */
import { printable, printableJson, printableLines } from '../formats/printable.ts';

export function printLine(line: string): void {
  write(process.stdout.isTTY ? printable(line) : line);
}

/** Each followed by the separator; at once, since there may be many. */
export function printSeparated(texts: readonly string[], separator: string): void {
  const shown = process.stdout.isTTY ? texts.map(printable) : texts;
  if (shown.length > 0) process.stdout.write(`${shown.join(separator)}${separator}`);
}

/** On stderr, as what ends a command, or goes on in spite of something. */
export function complain(line: string): void {
  process.stderr.write(`statecraft: ${line}\n`);
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function printJson(value: unknown): void {
  write(printableJson(JSON.stringify(value)));
}

/** The bytes as they are; on a terminal as text, and a newline for the prompt behind it. */
export function printBytes(bytes: Uint8Array): void {
  if (process.stdout.isTTY) write(printableLines(new TextDecoder().decode(bytes)));
  else process.stdout.write(bytes);
}

export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((name, at) =>
    Math.max(name.length, ...rows.map((row) => printable(row[at] ?? '').length)),
  );
  const lineOf = (cells: readonly string[]) =>
    cells
      .map((cell, at) => printable(cell).padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  write(bold(lineOf(head)));
  for (const row of rows) write(lineOf(row));
}

function bold(text: string): string {
  const isPlain = !process.stdout.isTTY || Boolean(process.env.NO_COLOR);
  return isPlain ? text : `\u001b[1m${text}\u001b[22m`;
}
