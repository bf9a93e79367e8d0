/**
 * Tables and lines on stdout: bold headers on a terminal, plain text everywhere else. On a terminal,
 * control characters are escaped: keys and values come from anyone who may write.
 */
import { printable, printableJson, printableLines } from '../formats/printable.ts';

export function printLine(line: string): void {
  write(process.stdout.isTTY ? printable(line) : line);
}

/** Each followed by the separator; in one write, since there may be many. */
export function printSeparated(texts: readonly string[], separator: string): void {
  const shown = process.stdout.isTTY ? texts.map(printable) : texts;
  if (shown.length > 0) process.stdout.write(`${shown.join(separator)}${separator}`);
}

/** On stderr: why a command ends, or a warning. */
export function printError(line: string): void {
  process.stderr.write(`statecraft: ${line}\n`);
}

function write(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A reader that stops early, as `head` does, is not an error. */
export function ignoreBrokenOutput(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
}

export function printJson(value: unknown): void {
  write(printableJson(JSON.stringify(value)));
}

/** The bytes as they are; on a terminal as text, with a newline before the prompt. */
export function printBytes(bytes: Uint8Array): void {
  if (process.stdout.isTTY) write(printableLines(new TextDecoder().decode(bytes)));
  else process.stdout.write(bytes);
}

export function printTable(header: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = header.map((name, at) =>
    Math.max(name.length, ...rows.map((row) => printable(row[at] ?? '').length)),
  );
  const formatted = (cells: readonly string[]) =>
    cells
      .map((cell, at) => printable(cell).padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  write(bold(formatted(header)));
  for (const row of rows) write(formatted(row));
}

function bold(text: string): string {
  const isPlain = !process.stdout.isTTY || Boolean(process.env.NO_COLOR);
  return isPlain ? text : `\u001b[1m${text}\u001b[22m`;
}
