/** What Mermaid's grammar allows of names that come from anywhere. */
import { type ChartState, statesWithin } from './chart.ts';

/** Signs that mean something to it, or to Markdown in it, are written by their numbers. */
export function mermaidText(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(SIGNS, byNumber)
    .replaceAll(DIRECTION, (word) => byNumber(word.slice(0, 1)) + word.slice(1));
}

/** Underscores stand for themselves between letters only. */
const SIGNS = /["#%&:;<>`{|}~\\*$]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu;
/** Anywhere in a line it makes all of it a statement. */
const DIRECTION = /direction(?= (?:TB|TD|BT|LR|RL))/gi;

function byNumber(sign: string): string {
  return `#${sign.codePointAt(0)};`;
}

/** A name for each state that Mermaid takes, and no other state has. */
export function mermaidIds(root: ChartState): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  const given = new Set<string>();
  // It neither draws what is called `root` nor what every object of JavaScript has.
  const isTaken = (name: string) => given.has(name) || name === 'root' || name in Object.prototype;
  for (const { id } of statesWithin(root)) {
    // Its own words have no underscore (`note`, `class`), and neither may be the whole's name.
    const plain = id === root.id ? `${id}_` : id;
    const base = plain.replaceAll(/\W/g, '_');
    let name = base;
    for (let number = 2; isTaken(name); number += 1) name = `${base}_${number}`;
    given.add(name);
    ids.set(id, name);
  }
  return ids;
}
