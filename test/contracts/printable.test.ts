/** What strangers send must not draw on a terminal, nor forge a line of a log. */
import { describe, expect, it, vi } from 'vitest';
import { printBytes, printJson, printLine, printTable } from '../../src/cli/output.ts';
import { printable, printableLines } from '../../src/formats/printable.ts';

describe('what reaches a log or a terminal', () => {
  it.each([
    ['plain text, also beyond ASCII', 'grüße 日本 👋', 'grüße 日本 👋'],
    ['the end of a line', 'a\r\nserver b: forged', 'a\\r\\nserver b: forged'],
    ['an escape sequence', '\u001b[2J\u001b]0;owned\u0007', '\\x1b[2J\\x1b]0;owned\\x07'],
    ['a control of Latin-1', '\u009b31m', '\\x9b31m'],
    ['a change of the direction of writing', 'exe.\u202efdp', 'exe.\\u202efdp'],
    ['a separator of lines', 'a\u2028b', 'a\\u2028b'],
    ['half a character', 'a\ud83d', 'a\\ud83d'],
  ])('shows %s', (_, text, shown) => expect(printable(text)).toBe(shown));

  it('keeps the lines and tabs of what has several', () => {
    expect(printableLines('a\tb\n\u001bc\r')).toBe('a\tb\n\\x1bc\\r');
  });
});

describe('what commands print', () => {
  const hostile = 'k\u001b]0;owned\u0007\u009b31m\nforged';
  const printed = (isTerminal: boolean, print: () => void): string => {
    const terminal = Object.getOwnPropertyDescriptor(process.stdout, 'isTTY');
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    Object.defineProperty(process.stdout, 'isTTY', { value: isTerminal, configurable: true });
    try {
      print();
      return write.mock.calls.map(([text]) => Buffer.from(text).toString('utf8')).join('');
    } finally {
      if (terminal === undefined) Reflect.deleteProperty(process.stdout, 'isTTY');
      else Object.defineProperty(process.stdout, 'isTTY', terminal);
      write.mockRestore();
    }
  };
  const escaped = 'k\\x1b]0;owned\\x07\\x9b31m';

  it('shows keys and values on a terminal in visible characters', () => {
    expect(printed(true, () => printLine(hostile))).toBe(`${escaped}\\nforged\n`);
    expect(printed(true, () => printBytes(Buffer.from(hostile)))).toBe(`${escaped}\nforged\n`);
  });

  it('leaves them as they are for a program, to the byte', () => {
    expect(printed(false, () => printLine(hostile))).toBe(`${hostile}\n`);
    expect(printed(false, () => printBytes(Buffer.from(hostile)))).toBe(hostile);
  });

  it('shows them so in tables, and in JSON that means the same', () => {
    expect(printed(false, () => printTable(['KEY'], [[hostile]]))).toBe(
      `KEY\n${escaped}\\nforged\n`,
    );
    const json = printed(true, () => printJson({ hostile }));
    expect(json).not.toMatch(/[\u0080-\u009f]/);
    expect(JSON.parse(json)).toEqual({ hostile });
  });
});
