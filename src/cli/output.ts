/** Tables and lines on stdout: bold heads on a terminal, plain text everywhere else. */

export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

export function printJson(value: unknown): void {
  printLine(JSON.stringify(value));
}

/** The bytes as they are; on a terminal a newline, so that the prompt stands on its own line. */
export function printBytes(bytes: Uint8Array): void {
  process.stdout.write(bytes);
  if (process.stdout.isTTY) process.stdout.write('\n');
}

export function printTable(head: readonly string[], rows: readonly (readonly string[])[]): void {
  const widths = head.map((name, at) =>
    Math.max(name.length, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const lineOf = (cells: readonly string[]) =>
    cells
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd();
  printLine(bold(lineOf(head)));
  for (const row of rows) printLine(lineOf(row));
}

function bold(text: string): string {
  const isPlain = !process.stdout.isTTY || Boolean(process.env.NO_COLOR);
  return isPlain ? text : `\u001b[1m${text}\u001b[22m`;
}
