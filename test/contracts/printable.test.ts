/** What strangers send must not draw on a terminal, nor forge a line of a log. */
import { describe, expect, it } from 'vitest';
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
