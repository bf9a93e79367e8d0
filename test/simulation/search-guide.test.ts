/** What the guide to the search says can be typed in, and does what it says. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { example } from './search-guide.ts';

const guide = readFileSync(join(import.meta.dirname, '../../docs/guide/search.md'), 'utf8');
const code = readFileSync(join(import.meta.dirname, 'search-guide.ts'), 'utf8');

/** Without imports, which name the package in one place and the sources in the other. */
function words(text: string): string {
  return text
    .replaceAll(/^import .*$/gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

describe('the guide to the search', () => {
  const examples = [...guide.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, text = '']) => text);

  it('shows code that compiles', () => {
    expect(examples).toHaveLength(2);
    for (const text of examples) expect(words(code)).toContain(words(text));
  });

  it('… and runs; every step of its table is understood', async () => {
    const steps = [...guide.matchAll(/`(\d+ \w[^`]*)`/g)].map(([, step = '']) => step);
    const kinds = new Set(steps.map((step) => step.split(' ')[1]));
    expect(kinds.size).toBe(11);
    const script = steps.map((step) =>
      step.replace('{"type":"add"}', '{"type":"add","item":"pear","count":1}'),
    );
    const told: string[] = [];
    const console = {
      log: (line: string) => told.push(line),
      error: (...line: unknown[]) => told.push(line.join()),
    };
    expect(await example(console, `servers 5\n${script.join('\n')}`)).toBe(null);
    expect(told).toEqual(Array.from({ length: 10 }, (_, at) => `${at + 1} of 10`));
  }, 120_000);
});
