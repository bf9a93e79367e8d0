/** What Mermaid's grammar allows of names that come from anywhere. */
import { type ChartState, statesWithin } from './chart.ts';

/** Signs that mean something to it are written by their numbers. */
export function mermaidText(text: string): string {
  return text
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/["#%&:;<>`{|}~\\]/g, (sign) => `#${sign.codePointAt(0)};`);
}

/** States of these names it does not draw. */
const ITS_OWN = ['root', '__proto__'];

/** A name for each state that Mermaid takes, and no other state has. */
export function mermaidIds(root: ChartState): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  const given = new Set(ITS_OWN);
  for (const { id } of statesWithin(root)) {
    const plain = id.replaceAll(/\W/g, '_');
    let name = plain;
    for (let number = 2; given.has(name); number += 1) name = `${plain}_${number}`;
    given.add(name);
    ids.set(id, name);
  }
  return ids;
}
