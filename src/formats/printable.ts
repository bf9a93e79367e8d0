/**
 * Text from elsewhere on its way to a log or a terminal: what would move the cursor, end the line or
 * turn the direction of writing is shown as an escape, so that no sender can forge or hide a line.
 */

/** Controls, separators of lines and paragraphs, controls of direction, half characters, U+FEFF. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cs}\ufeff]/gu;

/** On one line. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/** JSON with nothing unprintable in it, which means the same. */
export function printableJson(json: string): string {
  return json.replace(UNPRINTABLE, unicodeEscape);
}

/** On as many lines as it has: for values and reports that are shown as they are. */
export function printableLines(text: string): string {
  return text
    .split('\n')
    .map((line) => line.split('\t').map(printable).join('\t'))
    .join('\n');
}

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  if (character === '\r') return '\\r';
  if (character === '\t') return '\\t';
  return unicodeEscape(character).replace('u00', 'x');
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
