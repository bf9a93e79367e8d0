/** A term's colour: the style sheet's class for it; terms go round the palette. */
const COLOURS = 6;

export function termClass(term: number): string {
  return term <= 0 ? 'term-0' : `term-${((term - 1) % COLOURS) + 1}`;
}
