/** Names in little room: what is left of them still tells one from the others. */

/** The last part of an actor's name; a server's has only one. */
export function lastPartOf(name: string): string {
  return name.split('/').at(-1) ?? name;
}

/** Its beginning and its end: names of one kind differ in their last characters. */
export function shortened(name: string, lengthMax: number): string {
  if (name.length <= lengthMax) return name;
  const end = Math.max(1, Math.ceil((lengthMax - 1) / 2));
  return `${name.slice(0, Math.max(1, lengthMax - 1 - end))}…${name.slice(-end)}`;
}

/**
 * In two parts: the second one, of whole words where they fit, is so short that it can always stand
 * there. It is empty when that would not be worth while.
 */
export function parted(name: string, endMax: number): readonly [string, string] {
  if (name.length <= endMax + 2) return [name, ''];
  let at = name.length - endMax;
  const behind = wordsOf(name).reverse();
  let length = 0;
  for (const word of behind) {
    if (length + word.length > endMax) break;
    length += word.length;
    if (/[\p{L}\p{N}]/u.test(word)) at = name.length - length;
  }
  return [name.slice(0, at), name.slice(at)];
}

/**
 * Each without the words and numbers that all of them begin and end with: 1 and 2 of node-1 and
 * node-2. What is left of a name is never empty, and no other's.
 */
export function distinctive(names: readonly string[]): ReadonlyMap<string, string> {
  const words = new Map(names.map((name) => [name, wordsOf(name)]));
  const all = [...words.values()];
  const least = Math.min(...all.map(({ length }) => length));
  const [one = []] = all;
  const isShared = (at: number) => all.every((each) => each.at(at) === one.at(at));
  let before = 0;
  while (all.length > 1 && before < least - 1 && isShared(before)) before += 1;
  let behind = 0;
  while (all.length > 1 && behind < least - 1 - before && isShared(-1 - behind)) behind += 1;
  return new Map(
    [...words].map(([name, own]) => [name, own.slice(before, own.length - behind).join('')]),
  );
}

/** Letters in a row, digits in a row, and what stands between them. */
function wordsOf(name: string): string[] {
  return name.match(/\p{L}+|\p{N}+|[^\p{L}\p{N}]+/gu) ?? [name];
}
