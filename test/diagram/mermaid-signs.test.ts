/**
 * Names that Mermaid would take for its own, or for Markdown. Which those are was found with
 * Mermaid 11 in a browser: what is written here was seen to be drawn as it is meant.
 */
import { describe, expect, it } from 'vitest';
import { createMachine } from 'xstate';
import { mermaid } from '../../src/diagram/index.ts';
import { mermaidText } from '../../src/diagram/mermaid-text.ts';

/** What of a text is written by its number, turned back. */
function drawn(text: string): string {
  return text.replaceAll(/#(\d+);/g, (_, number) => String.fromCodePoint(Number(number)));
}

describe('a name in a Mermaid text', () => {
  it.each([
    ['"quoted"', '#34;quoted#34;'],
    ['a;b:c', 'a#59;b#58;c'],
    ['#quot;', '#35;quot#59;'],
    ['<b>&', '#60;b#62;#38;'],
    ['%% no comment', '#37;#37; no comment'],
    ['*', '#42;'],
    ['key.*', 'key.#42;'],
    ['_private_', '#95;private#95;'],
    ['__twice', '#95;#95;twice'],
    ['snake_case_name', 'snake_case_name'],
    ['größe_a', 'größe_a'],
    ['$$x^2$$', '#36;#36;x^2#36;#36;'],
    ['direction LR', '#100;irection LR'],
    ['redirection  TB', 're#100;irection TB'],
    ['Direction\nRL', '#68;irection RL'],
    ['direction', 'direction'],
    ['🎉 漢字', '🎉 漢字'],
    ['end note', 'end note'],
    ['[*] -- x', '[#42;] -- x'],
  ])('%s is written as %s', (name, written) => {
    expect(mermaidText(name)).toBe(written);
    expect(drawn(written)).toBe(name.replaceAll(/\s+/g, ' '));
  });
});

/** Words of its grammar, and what every object of JavaScript has. */
const words = [
  ...['note', 'state', 'end', 'class', 'classDef', 'style', 'click', 'default', 'as', 'scale'],
  ...['stateDiagram', 'accTitle', 'href', 'root', '__proto__', 'constructor', 'toString'],
];

describe.each(words)('a machine with the id %s', (id) => {
  it('has names that are no words of Mermaid, alone and with states', () => {
    const alone = mermaid(createMachine({ id, on: { ping: { actions: 'pong' } } }));
    const inner = mermaid(createMachine({ id, initial: '_', states: { '': {}, _: {}, [id]: {} } }));
    for (const text of [alone, inner]) {
      const names = [...text.matchAll(/ as (\w+)/g)].map(([, name]) => name ?? '');
      expect(names.length).toBeGreaterThan(0);
      expect(new Set(names).size).toBe(names.length);
      for (const name of names) expect(words).not.toContain(name);
    }
  });
});
